import type { Texts } from './en.ts';

export const pl = (product: string) =>
  ({
    labels: {
      or_code: 'Albo wpisz ten kod:',
      bare_link: 'Jeśli przycisk nie działa, otwórz ten adres:',
      link_until: 'Link ważny do',
      code_until: 'Kod ważny do',
      time: 'Data',
      device: 'Urządzenie',
      on: 'na',
      ip: 'Adres IP',
    },
    ignore: 'Jeśli to nie Ty, zignoruj tę wiadomość: bez niej nic się nie zmieni.',
    secure: {
      text: 'Jeśli to nie Ty, zabezpiecz konto teraz: wszystkie sesje zostaną zakończone, a Ty ustawisz nowe hasło.',
      action: 'To nie ja',
    },
    reasons: {
      asked: `Otrzymujesz tę wiadomość, ponieważ ten adres został podany w serwisie ${product}.`,
      account: `Otrzymujesz tę wiadomość, ponieważ ten adres należy do konta w serwisie ${product}. Z wiadomości dotyczących bezpieczeństwa konta nie można zrezygnować.`,
      former: `Otrzymujesz tę wiadomość, ponieważ ten adres należał do konta w serwisie ${product}.`,
    },
    mails: {
      reset_password: {
        subject: `Ustaw nowe hasło do ${product}`,
        heading: 'Ustaw nowe hasło',
        text: 'Otrzymaliśmy prośbę o nowe hasło. Jeśli to Ty, użyj przycisku lub kodu.',
        action: 'Ustaw nowe hasło',
      },
      verify_email: {
        subject: `Potwierdź swój adres e-mail w ${product}`,
        heading: 'Potwierdź swój adres e-mail',
        text: `Potwierdź, że ten adres należy do Ciebie. Dzięki niemu zawsze odzyskasz dostęp do konta w serwisie ${product}.`,
        action: 'Potwierdź adres',
      },
      confirm_email_change: {
        subject: `Potwierdź swój nowy adres e-mail w ${product}`,
        heading: 'Potwierdź swój nowy adres e-mail',
        text: `Adres konta w serwisie ${product} ma zostać zmieniony na ten. Zmieni się, gdy tylko go potwierdzisz.`,
        action: 'Potwierdź adres',
      },
      email_change_notice: {
        subject: `Adres e-mail Twojego konta w ${product} ma się zmienić`,
        heading: 'Twój adres e-mail ma się zmienić',
        text: (address: string) =>
          `Nowym adresem Twojego konta ma być ${address}. Jeśli to Ty, nie musisz nic robić. Jeśli nie, cofnij zmianę tutaj, nawet jeśli została już potwierdzona.`,
        action: 'Cofnij zmianę',
      },
      invitation: {
        subject: `Masz zaproszenie do ${product}`,
        heading: `Masz zaproszenie do ${product}`,
        text: 'Czeka na Ciebie konto. Wybierz hasło, aby zacząć.',
        text_by: (address: string) => `Konto dla Ciebie przygotował(a) ${address}. Wybierz hasło, aby zacząć.`,
        action: 'Przyjmij zaproszenie',
        ignore: 'Jeśli się tego nie spodziewasz, zignoruj tę wiadomość: bez Ciebie konto pozostanie nieużywane.',
      },
      login_code: {
        subject: `Twój kod logowania do ${product}`,
        heading: 'Zaloguj się',
        text: 'Otrzymaliśmy prośbę o kod do zalogowania się na Twoje konto. Nie podawaj go nikomu: nikt od nas o niego nie zapyta.',
        action: 'Zaloguj się',
      },
      address_taken: {
        subject: `Masz już konto w ${product}`,
        heading: 'Masz już konto',
        text: 'Ten adres został podany dla nowego konta lub jako nowy adres, ale należy już do Twojego konta. Jeśli to Ty, zaloguj się albo ustaw nowe hasło, jeśli nie pamiętasz swojego.',
        action: 'Zaloguj się',
        ignore: 'Jeśli to nie Ty, nie musisz nic robić: druga strona niczego się nie dowiedziała.',
      },
      test: {
        subject: `Test z serwisu ${product}`,
        heading: 'To jest test',
        text: `O tę wiadomość poproszono w panelu administracyjnym. Jeśli ją czytasz, wiadomości z serwisu ${product} docierają.`,
      },
    },
    notices: {
      'password.changed': {
        subject: `Twoje hasło do ${product} zostało zmienione`,
        text: 'Hasło do Twojego konta zostało zmienione. Wszystkie inne sesje zostały zakończone.',
      },
      'password.reset': {
        subject: `Ustawiono nowe hasło do ${product}`,
        text: 'Nowe hasło do Twojego konta ustawiono za pomocą wiadomości wysłanej na ten adres. Wszystkie sesje zostały zakończone.',
      },
      'email.changed': {
        subject: `Twój adres e-mail w ${product} został zmieniony`,
        text: (address: string) => `Adres Twojego konta to teraz ${address}.`,
      },
      'session.new_device': {
        subject: `Nowe logowanie do ${product}`,
        text: 'Na Twoje konto zalogowano się z urządzenia, którego dotąd nie znało.',
      },
      'session.refresh_token_reused': {
        subject: `Zakończono sesję w ${product}`,
        text: 'Klucz jednej z Twoich sesji został użyty dwukrotnie, co zdarza się po jego skopiowaniu. Zakończyliśmy tę sesję. Zaloguj się ponownie tam, gdzie jej potrzebujesz.',
      },
      'factor.added': {
        subject: `Dodano drugi składnik w ${product}`,
        text: (name: string) => `Do Twojego konta dodano drugi składnik „${name}”.`,
      },
      'factor.removed': {
        subject: `Usunięto drugi składnik w ${product}`,
        text: (name: string) => `Z Twojego konta usunięto drugi składnik „${name}”.`,
      },
      'passkey.added': {
        subject: `Dodano klucz dostępu w ${product}`,
        text: (name: string) => `Do Twojego konta dodano klucz dostępu „${name}”.`,
      },
      'passkey.removed': {
        subject: `Usunięto klucz dostępu w ${product}`,
        text: (name: string) => `Z Twojego konta usunięto klucz dostępu „${name}”.`,
      },
      'identity.linked': {
        subject: `Dodano sposób logowania w ${product}`,
        text: (name: string) => `Na Twoje konto można się teraz zalogować także przez ${name}.`,
      },
      'identity.unlinked': {
        subject: `Usunięto sposób logowania w ${product}`,
        text: (name: string) => `Na Twoje konto nie można się już zalogować przez ${name}.`,
      },
      'user.disabled': {
        subject: `Twoje konto w ${product} zostało zablokowane`,
        text: 'Administrator zablokował Twoje konto. Wszystkie sesje zostały zakończone i nikt nie może się na nie zalogować.',
      },
      'user.deleted': {
        subject: `Twoje konto w ${product} zostało usunięte`,
        text: 'Twoje konto i wszystko, co do niego należało, zostało usunięte. Tego nie można cofnąć.',
      },
    },
  }) satisfies Texts;
