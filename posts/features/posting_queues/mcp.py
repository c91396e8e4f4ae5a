"""What agents see of posting queues."""

from posts.api.endpoints import Tool

LIST_QUEUES = Tool(
    description="List posting queues: weekly schedules whose free slots posts with use_queue get."
)
GET_NEXT_SLOT = Tool(
    title="Get a queue's next free slot",
    description="Say when the next post with use_queue would be published by this queue.",
)
