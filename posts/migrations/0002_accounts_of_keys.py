from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0001_initial"),
        ("posts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="accounts",
            field=models.ManyToManyField(blank=True, related_name="+", to="destinations.account"),
        ),
    ]
