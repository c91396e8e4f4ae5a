<?php
// Every path is WordPress', as a web server with pretty links has it.
$root = getenv('SITE_ROOT');
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = "$root/index.php";
chdir($root);
require "$root/index.php";
