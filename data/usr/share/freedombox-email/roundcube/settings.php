<?php
// SPDX-License-Identifier: AGPL-3.0-or-later
//
// How Roundcube reads and sends the mail of this box. Read by Roundcube with each request, after its
// own settings and FreedomBox's, through a file of ours that says $certificate, $mail_domain and
// $message_size; see doc/webmail.md.

// Dovecot and Postfix show one certificate, which is read anew each time: it is renewed under the
// same name. One that signed itself is trusted as exactly this one, any other as browsers do.
$tls = (function (string $file): array {
    $found = is_readable($file) ? openssl_x509_parse((string) file_get_contents($file)) : false;
    $options = ['verify_peer' => true, 'verify_peer_name' => true];
    if (!$found) {
        return $options;
    }
    preg_match('/DNS:([^,\s]+)/', $found['extensions']['subjectAltName'] ?? '', $name);
    $options['peer_name'] = $name[1] ?? (string) ($found['subject']['CN'] ?? '');
    if ($found['subject'] === $found['issuer']) {
        $options['cafile'] = $file;
        $options['allow_self_signed'] = true;
    }
    return $options;
})($certificate);

// Where Roundcube reads the mail of another server, its settings stay.
$reads_this_box = (function ($servers): bool {
    foreach ((array) $servers as $key => $server) {
        $server = preg_replace('~^\w+://|:\d+$~', '', is_string($key) ? $key : (string) $server);
        if (!in_array($server, ['localhost', '127.0.0.1', '[::1]'], true)) {
            return false;
        }
    }
    return true;
})($config['imap_host'] ?? 'localhost');

if ($reads_this_box) {
    $config['imap_host'] = 'ssl://localhost:993';
    $config['imap_conn_options'] = ['ssl' => $tls];
    $config['smtp_host'] = 'ssl://localhost:465';
    $config['smtp_conn_options'] = ['ssl' => $tls];
    $config['smtp_user'] = '%u';
    $config['smtp_pass'] = '%p';
    $config['managesieve_host'] = 'tls://localhost:4190';
    $config['managesieve_conn_options'] = ['ssl' => $tls];
    $config['managesieve_vacation'] = 1;
    $config['max_message_size'] = $message_size;
    if ($mail_domain !== '') {
        $config['mail_domain'] = $mail_domain;
    }
    // Debian's plugin would change a password in a database that no login of this box asks.
    $config['plugins'] = array_diff($config['plugins'] ?? [], ['password']);
    foreach (['managesieve', 'markasjunk', 'freedombox_email'] as $plugin) {
        if (is_readable(RCUBE_PLUGINS_DIR . "$plugin/$plugin.php")) {
            $config['plugins'] = array_unique([...$config['plugins'], $plugin]);
        }
    }
}
