"""Indexes that no update of a running attempt touches, and none that another one covers."""

import django.db.models.deletion
from django.db import migrations, models


def room_for_updates(table: str, *, fillfactor: int) -> migrations.RunSQL:
    """Leave a part of each page free, because only an update within its page can be HOT."""
    name = f"destinations_{table}"
    return migrations.RunSQL(
        f"ALTER TABLE {name} SET (fillfactor = {fillfactor})",
        f"ALTER TABLE {name} RESET (fillfactor)",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0002_append_only"),
        ("posts", "0005_fewer_indexes"),
    ]

    operations = [
        room_for_updates("destination", fillfactor=85),
        room_for_updates("attempt", fillfactor=70),
        migrations.RemoveIndex(
            model_name="destination",
            name="destination_not_begun",
        ),
        migrations.AlterField(
            model_name="attempt",
            name="destination",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="attempt_rows",
                to="destinations.destination",
            ),
        ),
        migrations.AlterField(
            model_name="destination",
            name="post",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="destinations",
                to="posts.post",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="destination",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="destinations.destination",
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=models.Index(
                condition=models.Q(
                    ("due_at__isnull", False), models.Q(("platform", ""), _negated=True)
                ),
                fields=["platform", "wanted_at"],
                name="destination_wanted",
            ),
        ),
    ]
