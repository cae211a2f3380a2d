<?php
// Made by Relevo from services/roundcube/templates/etc/roundcube/config.inc.php.j2; changes here are lost.
// All settings and their defaults: /etc/roundcube/defaults.inc.php
$config = [];

// --- Database: users' settings, address books, and the sessions, so that who is logged in stays so on the other node
$config['db_dsnw'] = 'mysql://roundcube:secret-database-roundcube@unix(/run/mysqld/mysqld.sock)/roundcube';
$config['session_storage'] = 'db';
// Minutes without a request. An open page asks every minute, so this is for closed ones.
$config['session_lifetime'] = 30;
$config['session_samesite'] = 'Lax';
// Encrypts the mail password in the session: the same on both nodes, or a failover would log everybody out.
$config['des_key'] = 'secret-roundcube-des-key';
$config['cipher_method'] = 'AES-256-CBC';

// --- Mail: this node's own servers, over TLS. On loopback, since only the node that holds the virtual IP may touch
// mailboxes; the certificate is verified by the name it was made for.
$relevo_tls = ['ssl' => ['verify_peer' => true, 'cafile' => '/etc/relevo/tls/ca.pem', 'peer_name' => 'mail.chocolatesparati.com.bo']];
$config['imap_host'] = 'ssl://127.0.0.1:993';
$config['imap_conn_options'] = $relevo_tls;
$config['smtp_host'] = 'ssl://127.0.0.1:465';
$config['smtp_conn_options'] = $relevo_tls;
$config['smtp_helo_host'] = 'mail.chocolatesparati.com.bo';
$config['managesieve_host'] = 'tls://127.0.0.1:4190';
$config['managesieve_conn_options'] = $relevo_tls;
// Who types a name without a domain means the first one.
$config['username_domain'] = 'chocolatesparati.com.bo';
$config['mail_domain'] = 'chocolatesparati.com.bo';
$config['max_message_size'] = '50M';

// --- Folders: the names under which Dovecot makes them
$config['drafts_mbox'] = 'Drafts';
$config['sent_mbox'] = 'Sent';
$config['junk_mbox'] = 'Junk';
$config['trash_mbox'] = 'Trash';
$config['archive_mbox'] = 'Archive';

// --- What a person sees
$config['product_name'] = 'Webmail chocolatesparati.com.bo';
$config['language'] = 'es_ES';
$config['date_format'] = 'd/m/Y';
$config['date_long'] = 'd/m/Y H:i';
$config['skin'] = 'elastic';
$config['support_url'] = '';
// The built-in checker sends what people write to a server of Roundcube's makers. Browsers check spelling themselves.
$config['enable_spellcheck'] = false;

// --- Safety and logs
$config['trusted_host_patterns'] = ['^mail\\.chocolatesparati\\.com\\.bo$'];
$config['use_https'] = true;
// Every login and each failed one goes to the journal as `roundcube`: fail2ban reads it.
$config['log_driver'] = 'syslog';
$config['syslog_id'] = 'roundcube';
$config['log_logins'] = true;

// --- Plugins
$config['plugins'] = ['managesieve', 'password', 'archive', 'markasjunk'];
$config['managesieve_vacation'] = 1;
$config['managesieve_script_name'] = 'webmail';
$config['password_driver'] = 'sql';
$config['password_db_dsn'] = 'mysql://roundcube:secret-database-roundcube@unix(/run/mysqld/mysqld.sock)/relevo';
$config['password_query'] = 'UPDATE lookup_password SET password = %P WHERE address = %u';
// The parameters that the platform's own commands use: 7 MiB, five passes (25 ms a login; PHP's default costs three times that).
$config['password_algorithm'] = 'hash-argon2id';
$config['password_algorithm_options'] = ['memory_cost' => 7168, 'time_cost' => 5, 'threads' => 1];
$config['password_algorithm_prefix'] = '{ARGON2ID}';
$config['password_minimum_length'] = 10;
// Ask for the old one: an open page on a desk is not enough to take a mailbox over.
$config['password_confirm_current'] = true;
