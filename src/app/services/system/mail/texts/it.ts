import type { Texts } from './en.ts';

export const it = (product: string) =>
  ({
    labels: {
      or_code: 'Oppure inserisci questo codice:',
      bare_link: 'Se il pulsante non funziona, apri questo indirizzo:',
      link_until: 'Link valido fino al',
      code_until: 'Codice valido fino al',
      time: 'Data',
      device: 'Dispositivo',
      on: 'su',
      ip: 'Indirizzo IP',
    },
    ignore: 'Se non sei stato tu, ignora questa e-mail: senza di essa non cambia nulla.',
    secure: {
      text: 'Se non sei stato tu, metti subito al sicuro il tuo account: tutte le sessioni terminano e imposti una nuova password.',
      action: 'Non sono stato io',
    },
    reasons: {
      asked: `Ricevi questa e-mail perché questo indirizzo è stato inserito su ${product}.`,
      account: `Ricevi questa e-mail perché questo indirizzo appartiene a un account di ${product}. Non è possibile annullare l’iscrizione alle e-mail sulla sua sicurezza.`,
      former: `Ricevi questa e-mail perché questo indirizzo apparteneva a un account di ${product}.`,
    },
    mails: {
      reset_password: {
        subject: `Imposta una nuova password per ${product}`,
        heading: 'Imposta una nuova password',
        text: 'È stata richiesta una nuova password. Se sei stato tu, usa il pulsante o il codice.',
        action: 'Imposta una nuova password',
      },
      verify_email: {
        subject: `Verifica il tuo indirizzo e-mail per ${product}`,
        heading: 'Verifica il tuo indirizzo e-mail',
        text: `Conferma che questo indirizzo è tuo. Con esso potrai sempre rientrare nel tuo account di ${product}.`,
        action: 'Verifica l’indirizzo',
      },
      confirm_email_change: {
        subject: `Conferma il tuo nuovo indirizzo e-mail per ${product}`,
        heading: 'Conferma il tuo nuovo indirizzo e-mail',
        text: `L’indirizzo di un account di ${product} sta per essere sostituito con questo. Cambierà non appena lo confermi.`,
        action: 'Conferma l’indirizzo',
      },
      email_change_notice: {
        subject: `L’indirizzo e-mail del tuo account di ${product} sta per cambiare`,
        heading: 'Il tuo indirizzo e-mail sta per cambiare',
        text: (address: string) =>
          `Il nuovo indirizzo del tuo account sarà ${address}. Se sei stato tu, non devi fare nulla. Altrimenti annulla qui la modifica, anche se è già stata confermata.`,
        action: 'Annulla la modifica',
      },
      invitation: {
        subject: `Hai ricevuto un invito a ${product}`,
        heading: `Hai ricevuto un invito a ${product}`,
        text: 'Un account è pronto per te. Scegli una password per iniziare.',
        text_by: (address: string) => `${address} ha preparato un account per te. Scegli una password per iniziare.`,
        action: 'Accetta l’invito',
        ignore: 'Se non te lo aspettavi, ignora questa e-mail: senza di te l’account resta inutilizzato.',
      },
      login_code: {
        subject: `Il tuo codice di accesso a ${product}`,
        heading: 'Accedi',
        text: 'È stato richiesto un codice per accedere al tuo account. Non comunicarlo a nessuno: nessuno di noi te lo chiederà.',
        action: 'Accedi',
      },
      address_taken: {
        subject: `Hai già un account su ${product}`,
        heading: 'Hai già un account',
        text: 'Questo indirizzo è stato inserito per un nuovo account o come nuovo indirizzo, ma appartiene già al tuo account. Se sei stato tu, accedi, oppure imposta una nuova password se hai dimenticato la tua.',
        action: 'Accedi',
        ignore: 'Se non sei stato tu, non devi fare nulla: l’altra persona non ha saputo nulla.',
      },
      test: {
        subject: `Una prova da ${product}`,
        heading: 'Questa è una prova',
        text: `Questa e-mail è stata richiesta dall’amministrazione. Se la leggi, le e-mail di ${product} arrivano.`,
      },
    },
    notices: {
      'password.changed': {
        subject: `La tua password di ${product} è stata modificata`,
        text: 'La password del tuo account è stata modificata. Tutte le altre sessioni sono terminate.',
      },
      'password.reset': {
        subject: `È stata impostata una nuova password per ${product}`,
        text: 'È stata impostata una nuova password del tuo account con un’e-mail inviata a questo indirizzo. Tutte le sessioni sono terminate.',
      },
      'email.changed': {
        subject: `Il tuo indirizzo e-mail di ${product} è stato modificato`,
        text: (address: string) => `L’indirizzo del tuo account ora è ${address}.`,
      },
      'session.new_device': {
        subject: `Nuovo accesso a ${product}`,
        text: 'È stato effettuato l’accesso al tuo account da un dispositivo che non conosceva.',
      },
      'session.refresh_token_reused': {
        subject: `Una sessione di ${product} è stata terminata`,
        text: 'La chiave di una delle tue sessioni è stata usata due volte, come accade quando viene copiata. Abbiamo terminato questa sessione. Accedi di nuovo dove ti serve.',
      },
      'factor.added': {
        subject: `È stato aggiunto un secondo fattore su ${product}`,
        text: (name: string) => `Il secondo fattore «${name}» è stato aggiunto al tuo account.`,
      },
      'factor.removed': {
        subject: `È stato rimosso un secondo fattore su ${product}`,
        text: (name: string) => `Il secondo fattore «${name}» è stato rimosso dal tuo account.`,
      },
      'passkey.added': {
        subject: `È stata aggiunta una passkey su ${product}`,
        text: (name: string) => `La passkey «${name}» è stata aggiunta al tuo account.`,
      },
      'passkey.removed': {
        subject: `È stata rimossa una passkey su ${product}`,
        text: (name: string) => `La passkey «${name}» è stata rimossa dal tuo account.`,
      },
      'identity.linked': {
        subject: `È stato aggiunto un metodo di accesso su ${product}`,
        text: (name: string) => `Ora è possibile accedere al tuo account anche con ${name}.`,
      },
      'identity.unlinked': {
        subject: `È stato rimosso un metodo di accesso su ${product}`,
        text: (name: string) => `Non è più possibile accedere al tuo account con ${name}.`,
      },
      'user.disabled': {
        subject: `Il tuo account di ${product} è stato disattivato`,
        text: 'Un amministratore ha disattivato il tuo account. Tutte le sessioni sono terminate e nessuno può accedervi.',
      },
      'user.deleted': {
        subject: `Il tuo account di ${product} è stato eliminato`,
        text: 'Il tuo account e tutto ciò che gli apparteneva sono stati eliminati. L’operazione non può essere annullata.',
      },
    },
  }) satisfies Texts;
