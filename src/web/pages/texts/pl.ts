import type { Facts, Texts } from './en.ts';

export const pl = ({ product, shortest }: Facts) =>
  ({
    labels: {
      email: 'Adres e-mail',
      code: 'Kod',
      code_help: 'Osiem cyfr z wiadomości.',
      link: 'Adres linku z wiadomości',
      link_help: 'Skopiuj cały adres; kończy się długim tekstem po „token=”.',
      new_password: 'Nowe hasło',
      new_password_help: `Co najmniej tyle znaków: ${shortest}. Własne zdanie łatwo zapamiętać, a trudno odgadnąć.`,
      password: 'Hasło',
      name: 'Imię i nazwisko (opcjonalnie)',
      show: 'Pokaż',
      hide: 'Ukryj',
      language: 'Język',
    },
    no_script: 'Bez skryptu ta strona nie może odczytać linku. Zamiast tego wpisz kod z wiadomości.',
    no_script_link: 'Bez skryptu ta strona nie może odczytać linku. Zamiast tego skopiuj jego adres do pola.',
    problems: {
      title: 'Nie udało się',
      missing: 'Wypełnij to pole.',
      email: 'Wpisz pełny adres e-mail, na przykład ada@example.com.',
      too_long: 'To jest za długie.',
      invalid: 'Nie udało się odczytać formularza. Odśwież stronę i spróbuj ponownie.',
      one_time_token_invalid:
        'Ten link lub kod nie działa: jest błędny, został już użyty, wygasł albo zastąpiła go nowsza wiadomość.',
      invalid_credentials: 'To nie jest hasło tego konta.',
      password_too_short: `Wybierz hasło, które ma co najmniej tyle znaków: ${shortest}.`,
      password_too_long: 'Wybierz krótsze hasło: to ma więcej niż 72 bajty.',
      password_too_common: 'To hasło należy do tych, które próbuje się najpierw. Wybierz inne.',
      password_breached: 'To hasło jest znane z wycieku danych innego serwisu. Wybierz inne.',
      account_disabled: 'To konto jest wyłączone.',
      email_taken: 'Ten adres należy do innego konta.',
      rate_limited: 'Zbyt wiele prób. Poczekaj chwilę i spróbuj ponownie.',
      cross_site_request:
        'Ten formularz wysłała inna strona, więc nic się nie zmieniło. Otwórz stronę tutaj i wyślij go ponownie.',
      unavailable: 'Serwis nie może teraz odpowiedzieć. Nic się nie zmieniło; spróbuj ponownie za chwilę.',
    },
    account: {
      title: 'Twoje konto',
      text: `Co możesz tu zrobić ze swoim kontem w serwisie ${product}.`,
    },
    forgot_password: {
      title: 'Nie pamiętasz hasła?',
      text: 'Wpisz adres swojego konta. Wyślemy Ci link i kod, aby ustawić nowe hasło.',
      button: 'Wyślij wiadomość',
      done_title: 'Sprawdź swoją skrzynkę',
      done: (email: string) =>
        `Jeśli ${email} ma konto, wiadomość jest w drodze. Otwórz jej link albo wpisz tutaj jej kod.`,
      done_help: 'Nic nie przyszło? Zajrzyj do niechcianych wiadomości i sprawdź, czy adres jest poprawny.',
      enter_code: 'Wpisz kod',
    },
    reset_password: {
      title: 'Ustaw nowe hasło',
      text: 'Wszystkie sesje konta zostaną wtedy zakończone, także sesje osoby, która znała stare hasło.',
      button: 'Ustaw hasło',
      done_title: 'Nowe hasło jest ustawione',
      done: 'Wszystkie sesje zostały zakończone. Zaloguj się nowym hasłem.',
      renew: 'Poproś o nową wiadomość',
    },
    verify: {
      title: 'Potwierdź swój adres',
      text: 'Wpisz hasło wybrane przy zakładaniu konta.',
      button: 'Potwierdź adres',
      none: 'Nie ustawiałem(-am) hasła',
      none_help:
        'Jeśli nie, konto z Twoim adresem mogła założyć inna osoba. Jego hasło i sesje przestaną działać, a Ty ustawisz własne hasło.',
      done_title: 'Twój adres jest potwierdzony',
      done: 'Dzięki niemu zawsze odzyskasz dostęp do konta.',
      done_without: 'Konto nie ma teraz hasła. Ustaw własne, aby się zalogować.',
      renew: 'Poproś o nową wiadomość',
    },
    request_verification: {
      title: 'Poproś o nową wiadomość z potwierdzeniem',
      text: 'Wpisz adres swojego konta. Wyślemy Ci nowy link i nowy kod.',
      button: 'Wyślij wiadomość',
      done: (email: string) =>
        `Jeśli ${email} ma konto, które nie jest jeszcze potwierdzone, wiadomość jest w drodze. Otwórz jej link albo wpisz tutaj jej kod.`,
    },
    confirm_email_change: {
      title: 'Potwierdź nowy adres',
      text: 'Odtąd wiadomości o koncie będą przychodzić na ten adres i nim będziesz się logować.',
      button: 'Potwierdź adres',
      done_title: 'Twój adres został zmieniony',
      done: (email: string) => `Adres Twojego konta to teraz ${email}. Od teraz loguj się tym adresem.`,
    },
    undo_email_change: {
      title: 'Cofnij zmianę adresu',
      text: 'Konto odzyska poprzedni adres, a wszystkie jego sesje zostaną zakończone. Wyślemy Ci link, aby ustawić nowe hasło.',
      button: 'Cofnij zmianę',
      done_title: 'Zmiana została cofnięta',
      done: 'Konto ma poprzedni adres, a wszystkie sesje zostały zakończone. Sprawdź skrzynkę tego adresu i ustaw nowe hasło.',
    },
    secure_account: {
      title: 'Zabezpiecz swoje konto',
      text: 'Wszystkie sesje zostaną zakończone, a hasło usunięte, aby nikt inny nie pozostał zalogowany. Wyślemy Ci link, aby ustawić nowe hasło.',
      button: 'Zabezpiecz konto',
      done_title: 'Twoje konto jest zabezpieczone',
      done: 'Wszystkie sesje zostały zakończone, a hasło usunięte. Sprawdź swoją skrzynkę i ustaw nowe hasło.',
    },
    login_code: {
      title: 'Zaloguj się kodem',
      text: 'Wpisz kod z wiadomości w aplikacji lub na stronie, na której o niego prosisz: tam się zalogujesz.',
    },
    accept_invitation: {
      title: `Witamy w serwisie ${product}`,
      text: 'Wybierz hasło, a konto będzie gotowe.',
      button: 'Otwórz konto',
      done_title: 'Twoje konto jest gotowe',
      done: 'Zaloguj się swoim adresem i nowym hasłem.',
    },
  }) satisfies Texts;
