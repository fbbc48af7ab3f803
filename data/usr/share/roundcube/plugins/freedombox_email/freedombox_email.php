<?php
// SPDX-License-Identifier: AGPL-3.0-or-later

/**
 * Identities from FreedomBox's mail directory.
 *
 * At each login the box is asked, with the user's own password, as which addresses the user may
 * send. The first login gives an identity to each; later ones add those that are new and remove
 * those that are gone. What the user wrote into an identity stays.
 */
class freedombox_email extends rcube_plugin
{
    public $task = 'login';

    private const SOCKET = 'unix:///run/freedombox-email-identities.sock';
    private const SECONDS = 10;
    private const LONGEST = 65536;
    private const KNOWN = 'freedombox_email_addresses';

    /** @var ?string[] */
    private $addresses;

    public function init()
    {
        $this->add_hook('user_create', [$this, 'begin']);
        $this->add_hook('login_after', [$this, 'follow']);
    }

    /** Give a new user of Roundcube all their addresses. */
    public function begin($args)
    {
        $addresses = $this->addresses($args['user']);
        if ($addresses) {
            $args['user_email'] = $addresses[0];
            $args['email_list'] = $addresses;
            $args['preferences'][self::KNOWN] = $addresses;
        }
        return $args;
    }

    /** Bring the identities of a user in step with their addresses. */
    public function follow($args)
    {
        $rcmail = rcmail::get_instance();
        $addresses = $this->addresses($rcmail->get_user_name());
        $known = (array) $rcmail->config->get(self::KNOWN, []);
        if ($addresses && $addresses !== $known) {
            $this->mend($rcmail->user, $rcmail->get_user_name(), $addresses);
            $this->add($rcmail->user, array_diff($addresses, $known));
            $this->remove($rcmail->user, array_diff($known, $addresses));
            $rcmail->user->save_prefs([self::KNOWN => $addresses]);
        }
        return $args;
    }

    /** Correct an address that Roundcube guessed from a login and the name in the address line. */
    private function mend($user, $login, $addresses)
    {
        $guess = explode('@', $login)[0] . '@';
        foreach ($user->list_identities() as $identity) {
            $is_guess = stripos($identity['email'], $guess) === 0;
            if ($is_guess && !in_array(strtolower($identity['email']), $addresses, true)) {
                $user->update_identity($identity['identity_id'], ['email' => $addresses[0]]);
            }
        }
    }

    private function add($user, $addresses)
    {
        $identities = $user->list_identities();
        $present = array_map('strtolower', array_column($identities, 'email'));
        foreach (array_diff($addresses, $present) as $address) {
            $user->insert_identity(['email' => $address, 'name' => $identities[0]['name'] ?? '']);
        }
    }

    private function remove($user, $addresses)
    {
        foreach ($user->list_identities() as $identity) {
            $is_written = $identity['signature'] || $identity['standard'];
            if (!$is_written && in_array(strtolower($identity['email']), $addresses, true)) {
                $user->delete_identity($identity['identity_id']);
            }
        }
    }

    /** The addresses of a user, the main one first; none while the box does not say. */
    private function addresses($login)
    {
        if ($this->addresses === null) {
            $this->addresses = $this->ask($login, rcmail::get_instance()->get_user_password());
        }
        return $this->addresses;
    }

    private function ask($login, $password)
    {
        $socket = @stream_socket_client(self::SOCKET, $code, $message, self::SECONDS);
        if (!$socket) {
            rcube::write_log('errors', "freedombox_email: no identities: $message");
            return [];
        }
        stream_set_timeout($socket, self::SECONDS);
        fwrite($socket, json_encode(['login' => (string) $login, 'password' => (string) $password]) . "\n");
        $answer = json_decode((string) fgets($socket, self::LONGEST), true);
        fclose($socket);
        $addresses = $answer['addresses'] ?? [];
        return is_array($addresses) ? array_values(array_filter($addresses, 'is_string')) : [];
    }
}
