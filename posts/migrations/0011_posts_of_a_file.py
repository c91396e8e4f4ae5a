"""One index for the posts of a file, in place of the foreign key's own."""

import django.db.models.deletion
from django.db import migrations, models

from destinations.runtime.migration_operations import AddIndexBeside


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("posts", "0010_order_of_lists"),
    ]

    operations = [
        AddIndexBeside(
            model_name="postmedia",
            index=models.Index(fields=["media", "id"], include=["post"], name="post_media_of_file"),
        ),
        migrations.AlterField(
            model_name="postmedia",
            name="media",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attachments",
                to="posts.media",
            ),
        ),
    ]
