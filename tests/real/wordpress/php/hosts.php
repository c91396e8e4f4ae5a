<?php
// The site is reached by two hosts; one of them has no pretty links.
$site_host = $_SERVER['HTTP_HOST'] ?? 'blog.pigeons.example';
foreach (['home', 'siteurl'] as $name) {
    add_filter("pre_option_$name", fn() => "https://$site_host");
}
if ($site_host === 'plain.pigeons.example') {
    add_filter('pre_option_permalink_structure', fn() => '');
}
