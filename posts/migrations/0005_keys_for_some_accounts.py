from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0006_indexes_for_health_and_unmapped"),
        ("posts", "0004_variants"),
    ]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="is_restricted",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="apikey",
            name="accounts",
            field=models.ManyToManyField(blank=True, related_name="+", to="destinations.account"),
        ),
    ]
