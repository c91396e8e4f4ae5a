import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0007_replaced_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="missed_after_minutes",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="A scheduled post that could not be begun for so long fails as missed_schedule and waits for a retry. Blank: it is published however late.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(40320),
                ],
                verbose_name="not after so many minutes",
            ),
        ),
    ]
