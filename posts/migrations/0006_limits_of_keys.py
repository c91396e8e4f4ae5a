from django.db import migrations, models

import posts.models.api_key


class Migration(migrations.Migration):
    dependencies = [("posts", "0005_keys_for_some_accounts")]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="request_limits",
            field=models.CharField(
                blank=True, max_length=200, validators=[posts.models.api_key.check_limits]
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="post_limits",
            field=models.CharField(
                blank=True, max_length=200, validators=[posts.models.api_key.check_limits]
            ),
        ),
    ]
