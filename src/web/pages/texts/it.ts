import type { Facts, Texts } from './en.ts';

export const it = ({ product, shortest }: Facts) =>
  ({
    labels: {
      email: 'Indirizzo e-mail',
      code: 'Codice',
      code_help: 'Le otto cifre dell’e-mail.',
      link: 'Indirizzo del link nell’e-mail',
      link_help: 'Copia l’indirizzo intero; finisce con un lungo testo dopo «token=».',
      new_password: 'Nuova password',
      new_password_help: `Almeno ${shortest} caratteri. Una frase tua è facile da ricordare e difficile da indovinare.`,
      password: 'Password',
      name: 'Nome (facoltativo)',
      show: 'Mostra',
      hide: 'Nascondi',
      language: 'Lingua',
    },
    no_script: 'Senza script questa pagina non può leggere il link. Inserisci invece il codice dell’e-mail.',
    no_script_link: 'Senza script questa pagina non può leggere il link. Copia invece il suo indirizzo nel campo.',
    problems: {
      title: 'Non ha funzionato',
      missing: 'Compila questo campo.',
      email: 'Inserisci un indirizzo e-mail completo, per esempio ada@example.com.',
      too_long: 'È troppo lungo.',
      invalid: 'Non è stato possibile leggere il modulo. Ricarica la pagina e riprova.',
      one_time_token_invalid:
        'Questo link o codice non vale: è sbagliato, già usato, scaduto o sostituito da un’e-mail più recente.',
      invalid_credentials: 'Questa non è la password dell’account.',
      password_too_short: `Scegli una password di almeno ${shortest} caratteri.`,
      password_too_long: 'Scegli una password più corta: questa supera i 72 byte.',
      password_too_common: 'Questa password è tra quelle che si provano per prime. Scegline un’altra.',
      password_breached: 'Questa password è nota per la violazione di un altro servizio. Scegline un’altra.',
      account_disabled: 'Questo account è disattivato.',
      email_taken: 'Questo indirizzo appartiene a un altro account.',
      rate_limited: 'Troppi tentativi. Aspetta un po’, poi riprova.',
      cross_site_request:
        'Questo modulo è stato inviato da un altro sito, quindi non è cambiato nulla. Apri la pagina qui e invialo di nuovo.',
      unavailable: 'Il servizio non può rispondere in questo momento. Non è cambiato nulla; riprova tra poco.',
    },
    account: {
      title: 'Il tuo account',
      text: `Che cosa puoi fare qui per il tuo account di ${product}.`,
    },
    forgot_password: {
      title: 'Password dimenticata?',
      text: 'Inserisci l’indirizzo del tuo account. Ti inviamo un link e un codice per impostare una nuova password.',
      button: 'Invia l’e-mail',
      done_title: 'Guarda nella tua casella',
      done: (email: string) =>
        `Se ${email} ha un account, un’e-mail è in arrivo. Apri il suo link o inserisci qui il suo codice.`,
      done_help: 'Non è arrivato nulla? Guarda tra la posta indesiderata e controlla che l’indirizzo sia giusto.',
      enter_code: 'Inserisci il codice',
    },
    reset_password: {
      title: 'Imposta una nuova password',
      text: 'Tutte le sessioni del tuo account terminano, anche quelle di chi conosceva la vecchia password.',
      button: 'Imposta la password',
      done_title: 'La nuova password è impostata',
      done: 'Tutte le sessioni sono terminate. Accedi con la nuova password.',
      renew: 'Richiedi una nuova e-mail',
    },
    verify: {
      title: 'Verifica il tuo indirizzo',
      text: 'Inserisci la password che hai scelto quando hai aperto l’account.',
      button: 'Verifica l’indirizzo',
      none: 'Non ne ho impostata una',
      none_help:
        'Se non l’hai fatto, forse un’altra persona ha aperto l’account con il tuo indirizzo. La sua password e le sue sessioni terminano, e imposti una password tua.',
      done_title: 'Il tuo indirizzo è verificato',
      done: 'Con esso potrai sempre rientrare nel tuo account.',
      done_without: 'L’account ora non ha una password. Impostane una tua per accedere.',
      renew: 'Richiedi una nuova e-mail',
    },
    request_verification: {
      title: 'Richiedi una nuova e-mail di verifica',
      text: 'Inserisci l’indirizzo del tuo account. Ti inviamo un nuovo link e un nuovo codice.',
      button: 'Invia l’e-mail',
      done: (email: string) =>
        `Se ${email} ha un account non ancora verificato, un’e-mail è in arrivo. Apri il suo link o inserisci qui il suo codice.`,
    },
    confirm_email_change: {
      title: 'Conferma il nuovo indirizzo',
      text: 'Da quel momento le e-mail sul tuo account arrivano a questo indirizzo, e accedi con esso.',
      button: 'Conferma l’indirizzo',
      done_title: 'Il tuo indirizzo è cambiato',
      done: (email: string) => `L’indirizzo del tuo account ora è ${email}. D’ora in poi accedi con questo.`,
    },
    undo_email_change: {
      title: 'Annulla il cambio di indirizzo',
      text: 'Il tuo account riprende l’indirizzo precedente e tutte le sue sessioni terminano. Ti inviamo un link per impostare una nuova password.',
      button: 'Annulla la modifica',
      done_title: 'La modifica è annullata',
      done: 'Il tuo account ha l’indirizzo precedente e tutte le sessioni sono terminate. Guarda nella casella di quell’indirizzo e imposta una nuova password.',
    },
    secure_account: {
      title: 'Metti al sicuro il tuo account',
      text: 'Tutte le sessioni terminano e la password viene rimossa, così nessun altro resta collegato. Ti inviamo un link per impostare una nuova password.',
      button: 'Metti al sicuro l’account',
      done_title: 'Il tuo account è al sicuro',
      done: 'Tutte le sessioni sono terminate e la password è stata rimossa. Guarda nella tua casella e imposta una nuova password.',
    },
    login_code: {
      title: 'Accedi con il codice',
      text: 'Inserisci il codice dell’e-mail nell’app o nella pagina in cui lo hai richiesto: è lì che accedi.',
    },
    accept_invitation: {
      title: `Ecco il tuo account di ${product}`,
      text: 'Scegli una password e il tuo account è pronto.',
      button: 'Apri l’account',
      done_title: 'Il tuo account è pronto',
      done: 'Accedi con il tuo indirizzo e la nuova password.',
    },
  }) satisfies Texts;
