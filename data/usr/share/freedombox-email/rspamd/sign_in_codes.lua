-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Tell whether a message looks like one that brings a code or link to sign in, which is good for a
-- few minutes only. Its sender is not looked at here. It is a short message whose subject says so,
-- or whose text has both such a word and a code.

local header = dofile('/usr/share/freedombox-email/rspamd/header.lua')

local MOST_TEXT = 4000

-- Words in folded text, each as a whole phrase.
local WORDS = {
  'verification code', 'security code', 'sign%-in code', 'sign in code', 'signin code',
  'login code', 'log%-in code', 'log in code', 'access code', 'confirmation code', 'one%-time code',
  'one time code', 'one%-time password', 'one%-time passcode', 'passcode', 'two%-factor', '%f[%w]otp%f[%W]',
  '%f[%w]2fa%f[%W]', 'authentication code', 'verify your email', 'confirm your email', 'magic link',
  'sign%-in link', 'login link', 'reset your password', 'password reset',
  'best\195\164tigungscode', 'verifizierungscode', 'sicherheitscode', 'anmeldecode', 'zugangscode',
  'einmalcode', 'einmalpasswort', 'einmalkennwort', 'best\195\164tigen sie ihre e', 'anmeldelink',
  'passwort zur\195\188cksetzen', 'kennwort zur\195\188cksetzen',
  'code de v\195\169rification', 'code de s\195\169curit\195\169', 'code de connexion', 'code de confirmation',
  'code d.acc\195\168s', 'mot de passe \195\160 usage unique', 'r\195\169initialis',
  'c\195\179digo de verificaci\195\179n', 'c\195\179digo de seguridad', 'c\195\179digo de acceso', 'c\195\179digo de confirmaci\195\179n',
  'restablecer .* contrase\195\177a', 'codice di verifica', 'codice di sicurezza', 'codice di accesso',
  'reimposta', 'c\195\179digo de verifica\195\167\195\163o', 'c\195\179digo de seguran\195\167a', 'verificatiecode',
  'beveiligingscode', 'kod weryfikacyjny', 'kod bezpiecze\197\132stwa', 'verifieringskod',
  'bekr\195\164ftelsekod', '\208\186\208\190\208\180 \208\191\208\190\208\180\209\130\208\178\208\181\209\128\208\182\208\180\208\181\208\189\208\184\209\143',
  'do\196\159rulama kodu', '\233\170\140\232\175\129\231\160\129', '\232\170\141\232\168\188\227\130\179\227\131\188\227\131\137',
}

local CODES = {
  '%f[%w]%d%d%d%d%d?%d?%d?%d?%f[%W]', '%f[%w]%d%d%d[- ]%d%d%d%f[%W]',
  '%f[%w]%u%-%d%d%d%d%d%d%f[%W]', '%f[%w][%u%d][%u%d][%u%d][%u%d]%-[%u%d][%u%d][%u%d][%u%d]%f[%W]',
}

local function any(text, patterns)
  for _, pattern in ipairs(patterns) do
    if text:find(pattern) then
      return true
    end
  end
  return false
end

local function text_of(task)
  for _, part in ipairs(task:get_text_parts() or {}) do
    local text = tostring(part:get_content_oneline() or ''):sub(1, MOST_TEXT)
    if text:find('%S') then
      return text
    end
  end
  return ''
end

return function(task)
  local subject = tostring(task:get_subject() or ''):sub(1, 500)
  if any(header.fold(subject), WORDS) then
    return true
  end
  local text = text_of(task)
  return any(header.fold(text), WORDS) and (any(subject, CODES) or any(text, CODES))
end
