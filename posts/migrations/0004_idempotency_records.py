"""Renames the model alone: its table keeps its name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("posts", "0003_post_text_trigger")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("KeptAnswer", "IdempotencyRecord"),
                migrations.AlterModelTable("IdempotencyRecord", "posts_keptanswer"),
            ]
        ),
    ]
