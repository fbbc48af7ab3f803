<?php
// SPDX-License-Identifier: AGPL-3.0-or-later

/**
 * Roundcube in step with FreedomBox's mail directory.
 *
 * At each login, each new message and each look at the identities the box is asked, with the
 * user's own password, as which addresses the user may send. The first login gives an identity to
 * each; later on those that are new are added and those that are gone removed. What the user wrote
 * into an identity stays. The answer also says where the user changes the password.
 *
 * No contact's picture is loaded from another server, which would learn who reads mail and when.
 * A session ends when its password was changed elsewhere.
 */
class freedombox_email extends rcube_plugin
{
    public $task = 'login|mail|settings|addressbook';

    private const SOCKET = 'unix:///run/freedombox-email-identities.sock';
    private const SECONDS = 10;
    private const LONGEST = 65536;
    private const KNOWN = 'freedombox_email_addresses';
    private const PASSWORD_PAGE = 'freedombox_email_password_page';
    /** How Dovecot answers a wrong password, and the right one of a frozen mailbox. */
    private const REFUSED = ['AUTHENTICATIONFAILED', 'ALERT'];
    private const LOOKS_AGAIN = ['mail' => 'compose', 'settings' => 'identities'];

    /** @var ?array */
    private $answer;

    public function init()
    {
        $this->add_hook('user_create', [$this, 'begin']);
        $this->add_hook('login_after', [$this, 'follow']);
        $this->add_hook('ready', [$this, 'look_again']);
        $this->add_hook('contact_photo', [$this, 'keep_picture_here']);
        $this->add_hook('raise_error', [$this, 'end_refused']);
        if (!empty($_SESSION[self::PASSWORD_PAGE])) {
            $this->add_hook('settings_actions', [$this, 'offer_password']);
            $this->register_action('plugin.freedombox_email', [$this, 'show_password']);
        }
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
            $this->remove($rcmail->user, array_diff($known, $addresses), $addresses[0]);
            $rcmail->user->save_prefs([self::KNOWN => $addresses]);
        }
        if ($addresses) {
            $_SESSION[self::PASSWORD_PAGE] = $this->answer['password_page'] ?? '';
        }
        return $args;
    }

    /** Follow before a message is begun, and before the identities are shown. */
    public function look_again($args)
    {
        $is_due = $args['action'] === (self::LOOKS_AGAIN[$args['task']] ?? null);
        // A message that was begun has a number, and Roundcube opens its page once more.
        return $is_due && empty($_GET['_id']) ? $this->follow($args) : $args;
    }

    /**
     * End a session whose password no longer opens the mailbox.
     *
     * Roundcube would try it every minute, and fail2ban would take that for guesses and block the
     * household.
     */
    public function end_refused($args)
    {
        $rcmail = rcmail::get_instance();
        $is_refused = ($args['type'] ?? '') === 'imap' && !empty($_SESSION['user_id'])
            && in_array($rcmail->get_storage()->conn->resultcode, self::REFUSED, true);
        if (!$is_refused) {
            return $args;
        }
        rcube::log_bug($args);
        $rcmail->kill_session();
        if ($rcmail->output->ajax_call || $rcmail->output->get_env('framed')) {
            $rcmail->output->command('session_error', $rcmail->url(['_err' => 'session']));
            $rcmail->output->send('iframe');
        }
        $rcmail->output->redirect(['_task' => 'login', '_err' => 'session']);
    }

    /** Leave out a contact's picture that is on another server. */
    public function keep_picture_here($args)
    {
        $rcmail = rcmail::get_instance();
        $pictures = [$args['url'] ?? '', $args['data'] ?? '', $args['record']['photo'] ?? ''];
        $is_elsewhere = preg_grep('~^\s*(https?:|//)~i', array_filter($pictures, 'is_string'));
        if ($is_elsewhere) {
            $is_file = $rcmail->action === 'photo';
            $args['url'] = $is_file ? null : $rcmail->output->get_env('photo_placeholder');
            $args['data'] = null;
        }
        return $args;
    }

    /** Add the page about the password to the settings. */
    public function offer_password($args)
    {
        $args['actions'][] = [
            'action' => 'plugin.freedombox_email',
            'class' => 'password',
            'label' => 'password',
        ];
        return $args;
    }

    /** Show where the password is changed. */
    public function show_password()
    {
        $rcmail = rcmail::get_instance();
        $this->add_texts('localization/');
        $this->register_handler('plugin.body', [$this, 'password_body']);
        $rcmail->output->set_pagetitle($rcmail->gettext('password'));
        $rcmail->output->send('plugin');
    }

    /** The content of the page about the password. */
    public function password_body()
    {
        $title = rcube::Q(rcmail::get_instance()->gettext('password'));
        $link = html::a(
            ['href' => $_SESSION[self::PASSWORD_PAGE], 'class' => 'button btn btn-primary'],
            rcube::Q($this->gettext('changepassword'))
        );
        $text = html::p([], rcube::Q($this->gettext('whereitischanged')));
        return html::div(['class' => 'boxtitle'], $title)
            . html::div(['class' => 'box formcontainer scroller'],
                html::div(['class' => 'boxcontent formcontent'], $text . html::p([], $link)));
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

    /** Keep no address that is gone; a signature the user wrote goes over to the main address. */
    private function remove($user, $addresses, $main)
    {
        foreach ($user->list_identities() as $identity) {
            if (in_array(strtolower($identity['email']), $addresses, true)) {
                $id = $identity['identity_id'];
                if ($identity['signature'] || !$user->delete_identity($id)) {
                    $user->update_identity($id, ['email' => $main]);
                }
            }
        }
        $left = $user->list_identities();
        if (!array_filter(array_column($left, 'standard'))) {
            $mains = array_filter($left, fn ($each) => strtolower($each['email']) === $main);
            $user->set_default((reset($mains) ?: $left[0])['identity_id']);
        }
    }

    /** The addresses of a user, the main one first; none while the box does not say. */
    private function addresses($login)
    {
        if ($this->answer === null) {
            $this->answer = $this->ask($login, rcmail::get_instance()->get_user_password());
        }
        $addresses = $this->answer['addresses'] ?? [];
        return is_array($addresses) ? array_values(array_filter($addresses, 'is_string')) : [];
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
        return is_array($answer) ? $answer : [];
    }
}
