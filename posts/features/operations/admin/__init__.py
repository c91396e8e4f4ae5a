"""Actions on posts: operators confirm what they see, and read what became of each post."""
