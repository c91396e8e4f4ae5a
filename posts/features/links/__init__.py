"""Links in posts: UTM parameters, short addresses of our own, and how often those are followed.

`hooks` applies it to what each account publishes.
"""

#: Their customers' own, changed through the API.
RIGHTS = {"posts.linksettings": ("view",)}
GROWING = ("posts_linkclicks",)
