<?php
// What an administrator does: install | person ROLE NAME | revoke ID | forget ID
[, $command] = $argv;
$_SERVER['HTTP_HOST'] = 'blog.pigeons.example';
$_SERVER['REQUEST_URI'] = '/';
$root = getenv('SITE_ROOT');
if ($command === 'install') {
    define('WP_INSTALLING', true);
    $database = new mysqli('localhost', 'root', '', '', 0, getenv('SITE_HOME') . '/socket');
    $database->query('CREATE DATABASE wordpress CHARACTER SET utf8mb4');
}
require "$root/wp-load.php";
switch ($command) {
    case 'install':
        require ABSPATH . 'wp-admin/includes/upgrade.php';
        add_filter('pre_wp_mail', '__return_true');
        wp_install('Pigeons', 'root', 'root@pigeons.example', true, '', 'no one logs in');
        update_option('permalink_structure', '/%year%/%monthnum%/%postname%/');
        break;
    case 'person':
        $id = wp_insert_user([
            'user_login' => $argv[3],
            'user_pass' => wp_generate_password(),
            'user_email' => "$argv[3]@pigeons.example",
            'display_name' => 'Acme',
            'role' => $argv[2],
        ]);
        [$password] = WP_Application_Passwords::create_new_application_password($id, ['name' => 'Dovecote']);
        echo json_encode(['id' => $id, 'password' => $password]);
        break;
    case 'revoke':
        WP_Application_Passwords::delete_all_application_passwords((int) $argv[2]);
        break;
    case 'forget':
        wp_delete_post((int) $argv[2], true);
        break;
    case 'role':
        (new WP_User((int) $argv[2]))->set_role($argv[3]);
        break;
}
