"""What is left of a connection to Redis after it was dropped, while tasks were in flight."""

import pytest
from kombu.common import ignore_errors

from config.celery import app


@pytest.fixture
def connection():
    with app.connection_for_read() as opened:
        yield opened


def received(connection):
    """A channel on which a message was received and not acknowledged; and its tag."""
    channel = connection.default_channel
    queue = connection.SimpleQueue("test_broker", channel=channel)
    queue.clear()
    queue.put({"hello": "there"})
    return channel, queue.get(timeout=5).delivery_tag


def test_a_message_is_acknowledged_while_the_connection_is_there(connection):
    channel, tag = received(connection)

    channel.basic_ack(tag)

    assert not channel.client.hexists("unacked", tag)


def drop(connection):
    """What a worker is left with when Redis refuses it while it closes its connection."""
    connection.default_channel._disconnect_pools()
    connection._do_close_transport()


def test_acknowledging_on_a_dropped_connection_is_a_connection_error(connection):
    channel, tag = received(connection)
    drop(connection)

    with pytest.raises(connection.connection_errors, match="was dropped"):
        channel.basic_ack(tag)


def test_a_dropped_connection_can_be_closed_although_messages_are_not_acknowledged(connection):
    channel, _ = received(connection)
    drop(connection)

    ignore_errors(connection, connection.close)

    assert channel.closed
