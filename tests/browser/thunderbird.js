// SPDX-License-Identifier: AGPL-3.0-or-later
// What a person does in Thunderbird, done in its main window (tests/browser/thunderbird.py).

const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');
const { MsgHdrToMimeMessage } = ChromeUtils.importESModule(
  'resource:///modules/gloda/MimeMessage.sys.mjs'
);

function visible(selector, root = document) {
  const all = [...root.querySelectorAll('*')];
  return (
    all.find((each) => each.matches(selector) && each.checkVisibility()) ||
    all.map((each) => each.shadowRoot && visible(selector, each.shadowRoot)).find(Boolean) ||
    null
  );
}

function imapAccount() {
  return MailServices.accounts.accounts.find((each) => each.incomingServer.type === 'imap');
}

window.lab = {
  isThere: (selector) => Boolean(visible(selector)),

  // What the window says in which an account is set up: its notice, and its fields.
  hub() {
    const { modal } = document.querySelector('account-hub-container');
    return `${visible('#emailFormNotification')?.textContent ?? ''}\n${modal.innerText}`;
  },

  type(selector, text) {
    const field = visible(selector);
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  },

  click: (selector) => visible(selector).click(),

  // The text of a message in the inbox; null while it is not there.
  async message(subject) {
    const inbox = imapAccount().incomingServer.rootFolder.getFolderWithFlags(
      Ci.nsMsgFolderFlags.Inbox
    );
    const found = [...inbox.messages].find((each) => each.mime2DecodedSubject === subject);
    if (!found) {
      inbox.updateFolder(null);
      return null;
    }
    const whole = await new Promise((resolve) => {
      MsgHdrToMimeMessage(found, null, (_header, message) => resolve(message), true);
    });
    return whole.coerceBodyToPlaintext(inbox);
  },

  // Open the window for a new message, as a click on an address does.
  compose(to, subject, body) {
    const fields = Cc['@mozilla.org/messengercompose/composefields;1'].createInstance(
      Ci.nsIMsgCompFields
    );
    Object.assign(fields, { to, subject, body });
    const parameters = Cc['@mozilla.org/messengercompose/composeparams;1'].createInstance(
      Ci.nsIMsgComposeParams
    );
    parameters.composeFields = fields;
    parameters.format = Ci.nsIMsgCompFormat.PlainText;
    parameters.identity = imapAccount().defaultIdentity;
    MailServices.compose.OpenComposeWindowWithParams(null, parameters);
  },

  // Whether the message in the open window could be sent off now.
  send() {
    const writing = Services.wm.getMostRecentWindow('msgcompose');
    const button = writing?.document.getElementById('button-send');
    if (!writing?.gMsgCompose || button.disabled) {
      return false;
    }
    button.click();
    return true;
  },

  isSent: () => Services.wm.getMostRecentWindow('msgcompose') === null,
};
