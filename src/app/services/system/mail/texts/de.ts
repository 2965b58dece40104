import type { Texts } from './en.ts';

export const de = (product: string) =>
  ({
    labels: {
      or_code: 'Oder gib diesen Code ein:',
      bare_link: 'Falls die Schaltfläche nicht funktioniert, öffne diese Adresse:',
      link_until: 'Link gültig bis',
      code_until: 'Code gültig bis',
      time: 'Zeitpunkt',
      device: 'Gerät',
      on: 'unter',
      ip: 'IP-Adresse',
    },
    ignore: 'Wenn du das nicht warst, ignoriere diese Mail: Ohne sie ändert sich nichts.',
    secure: {
      text: 'Wenn du das nicht warst, sichere dein Konto jetzt: Alle Sitzungen enden, und du legst ein neues Passwort fest.',
      action: 'Das war ich nicht',
    },
    reasons: {
      asked: `Du erhältst diese Mail, weil diese Adresse bei ${product} eingegeben wurde.`,
      account: `Du erhältst diese Mail, weil diese Adresse zu einem Konto bei ${product} gehört. Mails zu seiner Sicherheit lassen sich nicht abbestellen.`,
      former: `Du erhältst diese Mail, weil diese Adresse zu einem Konto bei ${product} gehört hat.`,
    },
    mails: {
      reset_password: {
        subject: `Neues Passwort für ${product} festlegen`,
        heading: 'Neues Passwort festlegen',
        text: 'Es wurde ein neues Passwort angefordert. Wenn du das warst, benutze die Schaltfläche oder den Code.',
        action: 'Neues Passwort festlegen',
      },
      verify_email: {
        subject: `Bestätige deine E-Mail-Adresse für ${product}`,
        heading: 'Bestätige deine E-Mail-Adresse',
        text: `Bestätige, dass diese Adresse dir gehört. Mit ihr kommst du immer wieder in dein Konto bei ${product}.`,
        action: 'Adresse bestätigen',
      },
      confirm_email_change: {
        subject: `Bestätige deine neue E-Mail-Adresse für ${product}`,
        heading: 'Bestätige deine neue E-Mail-Adresse',
        text: `Die Adresse eines Kontos bei ${product} soll auf diese geändert werden. Sie ändert sich, sobald du sie bestätigst.`,
        action: 'Adresse bestätigen',
      },
      email_change_notice: {
        subject: `Die E-Mail-Adresse deines Kontos bei ${product} soll geändert werden`,
        heading: 'Deine E-Mail-Adresse soll geändert werden',
        text: (address: string) =>
          `Die neue Adresse deines Kontos soll ${address} sein. Wenn du das warst, ist nichts zu tun. Wenn nicht, mach es hier rückgängig, auch wenn sie schon bestätigt ist.`,
        action: 'Änderung rückgängig machen',
      },
      invitation: {
        subject: `Du bist zu ${product} eingeladen`,
        heading: `Du bist zu ${product} eingeladen`,
        text: 'Ein Konto ist für dich vorbereitet. Wähle ein Passwort, um zu beginnen.',
        text_by: (address: string) =>
          `${address} hat ein Konto für dich vorbereitet. Wähle ein Passwort, um zu beginnen.`,
        action: 'Einladung annehmen',
        ignore: 'Wenn du das nicht erwartest, ignoriere diese Mail: Ohne dich bleibt das Konto unbenutzt.',
      },
      login_code: {
        subject: `Dein Anmeldecode für ${product}`,
        heading: 'Anmelden',
        text: 'Es wurde ein Code angefordert, um sich in deinem Konto anzumelden. Gib ihn niemandem weiter: Niemand von uns fragt danach.',
        action: 'Anmelden',
      },
      address_taken: {
        subject: `Du hast bereits ein Konto bei ${product}`,
        heading: 'Du hast bereits ein Konto',
        text: 'Diese Adresse wurde für ein neues Konto oder als neue Adresse eingegeben, gehört aber schon zu deinem Konto. Wenn du das warst, melde dich an oder lege ein neues Passwort fest, falls du deines vergessen hast.',
        action: 'Anmelden',
        ignore: 'Wenn du das nicht warst, ist nichts zu tun: Die andere Seite hat nichts erfahren.',
      },
      test: {
        subject: `Ein Test von ${product}`,
        heading: 'Das ist ein Test',
        text: `Diese Mail wurde in der Verwaltung angefordert. Wenn du sie liest, kommen die Mails von ${product} an.`,
      },
    },
    notices: {
      'password.changed': {
        subject: `Dein Passwort für ${product} wurde geändert`,
        text: 'Das Passwort deines Kontos wurde geändert. Alle anderen Sitzungen sind beendet.',
      },
      'password.reset': {
        subject: `Ein neues Passwort für ${product} wurde festgelegt`,
        text: 'Ein neues Passwort deines Kontos wurde mit einer Mail an diese Adresse festgelegt. Alle Sitzungen sind beendet.',
      },
      'email.changed': {
        subject: `Deine E-Mail-Adresse für ${product} wurde geändert`,
        text: (address: string) => `Die Adresse deines Kontos ist jetzt ${address}.`,
      },
      'session.new_device': {
        subject: `Neue Anmeldung bei ${product}`,
        text: 'In deinem Konto hat sich ein Gerät angemeldet, das es bisher nicht kannte.',
      },
      'session.refresh_token_reused': {
        subject: `Eine Sitzung bei ${product} wurde beendet`,
        text: 'Der Schlüssel einer deiner Sitzungen wurde zweimal benutzt, wie es nach einer Kopie geschieht. Wir haben diese Sitzung beendet. Melde dich dort neu an, wo sie dir fehlt.',
      },
      'factor.added': {
        subject: `Bei ${product} wurde ein zweiter Faktor hinzugefügt`,
        text: (name: string) => `Der zweite Faktor „${name}“ wurde deinem Konto hinzugefügt.`,
      },
      'factor.removed': {
        subject: `Bei ${product} wurde ein zweiter Faktor entfernt`,
        text: (name: string) => `Der zweite Faktor „${name}“ wurde aus deinem Konto entfernt.`,
      },
      'passkey.added': {
        subject: `Bei ${product} wurde ein Passkey hinzugefügt`,
        text: (name: string) => `Der Passkey „${name}“ wurde deinem Konto hinzugefügt.`,
      },
      'passkey.removed': {
        subject: `Bei ${product} wurde ein Passkey entfernt`,
        text: (name: string) => `Der Passkey „${name}“ wurde aus deinem Konto entfernt.`,
      },
      'identity.linked': {
        subject: `Bei ${product} wurde eine Anmeldemöglichkeit hinzugefügt`,
        text: (name: string) => `Bei deinem Konto kann man sich jetzt auch mit ${name} anmelden.`,
      },
      'identity.unlinked': {
        subject: `Bei ${product} wurde eine Anmeldemöglichkeit entfernt`,
        text: (name: string) => `Bei deinem Konto kann man sich nicht mehr mit ${name} anmelden.`,
      },
      'user.disabled': {
        subject: `Dein Konto bei ${product} wurde gesperrt`,
        text: 'Ein Administrator hat dein Konto gesperrt. Alle Sitzungen sind beendet, und niemand kann sich anmelden.',
      },
      'user.deleted': {
        subject: `Dein Konto bei ${product} wurde gelöscht`,
        text: 'Dein Konto und alles, was dazu gehörte, wurden gelöscht. Das lässt sich nicht rückgängig machen.',
      },
    },
  }) satisfies Texts;
