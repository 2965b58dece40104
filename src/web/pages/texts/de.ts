import type { Facts, Texts } from './en.ts';

export const de = ({ product, shortest }: Facts) =>
  ({
    labels: {
      email: 'E-Mail-Adresse',
      code: 'Code',
      code_help: 'Die acht Ziffern aus der Mail.',
      link: 'Adresse des Links in der Mail',
      link_help: 'Kopiere die ganze Adresse; sie endet mit einem langen Text nach „token=“.',
      new_password: 'Neues Passwort',
      new_password_help: `Mindestens ${shortest} Zeichen. Ein eigener Satz ist leicht zu merken und schwer zu erraten.`,
      password: 'Passwort',
      name: 'Name (freiwillig)',
      show: 'Anzeigen',
      hide: 'Verbergen',
      language: 'Sprache',
    },
    no_script: 'Ohne Skript kann diese Seite den Link nicht lesen. Gib stattdessen den Code aus der Mail ein.',
    no_script_link: 'Ohne Skript kann diese Seite den Link nicht lesen. Kopiere stattdessen seine Adresse in das Feld.',
    problems: {
      title: 'Das hat nicht geklappt',
      missing: 'Fülle dieses Feld aus.',
      email: 'Gib eine vollständige E-Mail-Adresse ein, etwa ada@example.com.',
      too_long: 'Das ist zu lang.',
      invalid: 'Das Formular konnte nicht gelesen werden. Lade die Seite neu und versuche es noch einmal.',
      one_time_token_invalid:
        'Dieser Link oder Code gilt nicht: Er ist falsch, schon benutzt, abgelaufen oder durch eine neuere Mail ersetzt.',
      invalid_credentials: 'Das ist nicht das Passwort des Kontos.',
      password_too_short: `Wähle ein Passwort mit mindestens ${shortest} Zeichen.`,
      password_too_long: 'Wähle ein kürzeres Passwort: Dieses hat mehr als 72 Byte.',
      password_too_common: 'Dieses Passwort gehört zu denen, die zuerst probiert werden. Wähle ein anderes.',
      password_breached: 'Dieses Passwort ist durch ein Leck bei einem anderen Dienst bekannt. Wähle ein anderes.',
      account_disabled: 'Dieses Konto ist gesperrt.',
      email_taken: 'Diese Adresse gehört zu einem anderen Konto.',
      rate_limited: 'Das war zu oft. Warte ein wenig und versuche es dann noch einmal.',
      cross_site_request:
        'Dieses Formular kam von einer anderen Website, darum wurde nichts geändert. Öffne die Seite hier und sende es noch einmal.',
      unavailable: 'Der Dienst kann gerade nicht antworten. Es wurde nichts geändert; versuche es gleich noch einmal.',
    },
    account: {
      title: 'Dein Konto',
      text: `Was du hier für dein Konto bei ${product} tun kannst.`,
    },
    forgot_password: {
      title: 'Passwort vergessen?',
      text: 'Gib die Adresse deines Kontos ein. Wir schicken dir einen Link und einen Code, um ein neues Passwort festzulegen.',
      button: 'Mail anfordern',
      done_title: 'Sieh in dein Postfach',
      done: (email: string) =>
        `Falls ${email} zu einem Konto gehört, ist eine Mail unterwegs. Öffne ihren Link oder gib ihren Code hier ein.`,
      done_help: 'Nichts angekommen? Sieh unter den unerwünschten Mails nach und prüfe, ob die Adresse stimmt.',
      enter_code: 'Code eingeben',
    },
    reset_password: {
      title: 'Neues Passwort festlegen',
      text: 'Damit enden alle Sitzungen deines Kontos, auch die einer Person, die das alte Passwort kannte.',
      button: 'Passwort festlegen',
      done_title: 'Dein neues Passwort gilt',
      done: 'Alle Sitzungen sind beendet. Melde dich mit dem neuen Passwort an.',
      renew: 'Neue Mail anfordern',
    },
    verify: {
      title: 'Adresse bestätigen',
      text: 'Gib das Passwort ein, das du beim Anlegen des Kontos gewählt hast.',
      button: 'Adresse bestätigen',
      none: 'Ich habe keines festgelegt',
      none_help:
        'Wenn nicht, hat vielleicht eine andere Person das Konto mit deiner Adresse angelegt. Sein Passwort und seine Sitzungen enden, und du legst ein eigenes Passwort fest.',
      done_title: 'Deine Adresse ist bestätigt',
      done: 'Mit ihr kommst du immer wieder in dein Konto.',
      done_without: 'Das Konto hat jetzt kein Passwort. Lege ein eigenes fest, um dich anzumelden.',
      renew: 'Neue Mail anfordern',
    },
    request_verification: {
      title: 'Neue Bestätigungsmail anfordern',
      text: 'Gib die Adresse deines Kontos ein. Wir schicken dir einen neuen Link und einen neuen Code.',
      button: 'Mail anfordern',
      done: (email: string) =>
        `Falls ${email} zu einem Konto gehört, das noch nicht bestätigt ist, ist eine Mail unterwegs. Öffne ihren Link oder gib ihren Code hier ein.`,
    },
    confirm_email_change: {
      title: 'Neue Adresse bestätigen',
      text: 'Mails zu deinem Konto gehen dann an diese Adresse, und du meldest dich mit ihr an.',
      button: 'Adresse bestätigen',
      done_title: 'Deine Adresse ist geändert',
      done: (email: string) => `Die Adresse deines Kontos ist jetzt ${email}. Melde dich ab jetzt mit ihr an.`,
    },
    undo_email_change: {
      title: 'Änderung der Adresse rückgängig machen',
      text: 'Dein Konto bekommt seine frühere Adresse zurück, und alle Sitzungen enden. Wir schicken dir einen Link, um ein neues Passwort festzulegen.',
      button: 'Rückgängig machen',
      done_title: 'Die Änderung ist rückgängig gemacht',
      done: 'Dein Konto hat seine frühere Adresse, und alle Sitzungen sind beendet. Sieh in das Postfach dieser Adresse und lege ein neues Passwort fest.',
    },
    secure_account: {
      title: 'Konto sichern',
      text: 'Alle Sitzungen enden und das Passwort wird entfernt, damit niemand sonst angemeldet bleibt. Wir schicken dir einen Link, um ein neues Passwort festzulegen.',
      button: 'Konto sichern',
      done_title: 'Dein Konto ist gesichert',
      done: 'Alle Sitzungen sind beendet, und das Passwort ist entfernt. Sieh in dein Postfach und lege ein neues Passwort fest.',
    },
    login_code: {
      title: 'Mit dem Code anmelden',
      text: 'Gib den Code aus der Mail in der App oder auf der Seite ein, auf der du ihn angefordert hast: Dort wirst du angemeldet.',
    },
    accept_invitation: {
      title: `Willkommen bei ${product}`,
      text: 'Wähle ein Passwort, und dein Konto ist bereit.',
      button: 'Konto eröffnen',
      done_title: 'Dein Konto ist bereit',
      done: 'Melde dich mit deiner Adresse und dem neuen Passwort an.',
    },
  }) satisfies Texts;
