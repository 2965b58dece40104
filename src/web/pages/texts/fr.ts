import type { Facts, Texts } from './en.ts';

export const fr = ({ product, shortest }: Facts) =>
  ({
    labels: {
      email: 'Adresse e-mail',
      code: 'Code',
      code_help: 'Les huit chiffres de l’e-mail.',
      link: 'Adresse du lien dans l’e-mail',
      link_help: 'Copiez l’adresse entière ; elle se termine par un long texte après « token= ».',
      new_password: 'Nouveau mot de passe',
      new_password_help: `Au moins ${shortest} caractères. Une phrase à vous est facile à retenir et difficile à deviner.`,
      password: 'Mot de passe',
      name: 'Nom (facultatif)',
      show: 'Afficher',
      hide: 'Masquer',
      language: 'Langue',
    },
    no_script: 'Sans script, cette page ne peut pas lire le lien. Saisissez plutôt le code de l’e-mail.',
    no_script_link: 'Sans script, cette page ne peut pas lire le lien. Copiez plutôt son adresse dans le champ.',
    problems: {
      title: 'Cela n’a pas fonctionné',
      missing: 'Remplissez ce champ.',
      email: 'Saisissez une adresse e-mail complète, par exemple ada@example.com.',
      too_long: 'C’est trop long.',
      invalid: 'Le formulaire n’a pas pu être lu. Rechargez la page et réessayez.',
      one_time_token_invalid:
        'Ce lien ou ce code n’est pas valable : il est erroné, déjà utilisé, expiré ou remplacé par un e-mail plus récent.',
      invalid_credentials: 'Ce n’est pas le mot de passe du compte.',
      password_too_short: `Choisissez un mot de passe d’au moins ${shortest} caractères.`,
      password_too_long: 'Choisissez un mot de passe plus court : celui-ci dépasse 72 octets.',
      password_too_common: 'Ce mot de passe est de ceux qu’on essaie en premier. Choisissez-en un autre.',
      password_breached: 'Ce mot de passe est connu par la fuite d’un autre service. Choisissez-en un autre.',
      account_disabled: 'Ce compte est désactivé.',
      email_taken: 'Cette adresse appartient à un autre compte.',
      rate_limited: 'C’était trop souvent. Attendez un peu, puis réessayez.',
      cross_site_request:
        'Ce formulaire a été envoyé par un autre site, rien n’a donc été modifié. Ouvrez la page ici et envoyez-le de nouveau.',
      unavailable: 'Le service ne peut pas répondre pour le moment. Rien n’a été modifié ; réessayez dans un instant.',
    },
    account: {
      title: 'Votre compte',
      text: `Ce que vous pouvez faire ici pour votre compte ${product}.`,
    },
    forgot_password: {
      title: 'Mot de passe oublié ?',
      text: 'Saisissez l’adresse de votre compte. Nous vous envoyons un lien et un code pour choisir un nouveau mot de passe.',
      button: 'Envoyer l’e-mail',
      done_title: 'Consultez votre boîte de réception',
      done: (email: string) =>
        `Si ${email} correspond à un compte, un e-mail est en route. Ouvrez son lien ou saisissez son code ici.`,
      done_help: 'Rien reçu ? Regardez parmi les indésirables et vérifiez que l’adresse est correcte.',
      enter_code: 'Saisir le code',
    },
    reset_password: {
      title: 'Choisir un nouveau mot de passe',
      text: 'Toutes les sessions de votre compte se terminent alors, même celles d’une personne qui connaissait l’ancien mot de passe.',
      button: 'Enregistrer le mot de passe',
      done_title: 'Votre nouveau mot de passe est enregistré',
      done: 'Toutes les sessions sont terminées. Connectez-vous avec le nouveau mot de passe.',
      renew: 'Demander un nouvel e-mail',
    },
    verify: {
      title: 'Confirmer votre adresse',
      text: 'Saisissez le mot de passe que vous avez choisi à l’ouverture du compte.',
      button: 'Confirmer l’adresse',
      none: 'Je n’en ai pas choisi',
      none_help:
        'Sinon, une autre personne a peut-être ouvert le compte avec votre adresse. Son mot de passe et ses sessions prennent fin, et vous choisissez votre propre mot de passe.',
      done_title: 'Votre adresse est confirmée',
      done: 'Elle vous permet de toujours retrouver l’accès à votre compte.',
      done_without: 'Le compte n’a plus de mot de passe. Choisissez-en un pour vous connecter.',
      renew: 'Demander un nouvel e-mail',
    },
    request_verification: {
      title: 'Demander un nouvel e-mail de confirmation',
      text: 'Saisissez l’adresse de votre compte. Nous vous envoyons un nouveau lien et un nouveau code.',
      button: 'Envoyer l’e-mail',
      done: (email: string) =>
        `Si ${email} correspond à un compte qui n’est pas encore confirmé, un e-mail est en route. Ouvrez son lien ou saisissez son code ici.`,
    },
    confirm_email_change: {
      title: 'Confirmer votre nouvelle adresse',
      text: 'Les e-mails sur votre compte arriveront à cette adresse, et vous vous connecterez avec elle.',
      button: 'Confirmer l’adresse',
      done_title: 'Votre adresse est modifiée',
      done: (email: string) => `L’adresse de votre compte est maintenant ${email}. Connectez-vous désormais avec elle.`,
    },
    undo_email_change: {
      title: 'Annuler le changement d’adresse',
      text: 'Votre compte retrouve son ancienne adresse et toutes ses sessions se terminent. Nous vous envoyons un lien pour choisir un nouveau mot de passe.',
      button: 'Annuler le changement',
      done_title: 'Le changement est annulé',
      done: 'Votre compte a retrouvé son ancienne adresse et toutes les sessions sont terminées. Consultez la boîte de cette adresse et choisissez un nouveau mot de passe.',
    },
    secure_account: {
      title: 'Sécuriser votre compte',
      text: 'Toutes les sessions se terminent et le mot de passe est supprimé, pour que personne d’autre ne reste connecté. Nous vous envoyons un lien pour choisir un nouveau mot de passe.',
      button: 'Sécuriser le compte',
      done_title: 'Votre compte est sécurisé',
      done: 'Toutes les sessions sont terminées et le mot de passe est supprimé. Consultez votre boîte de réception et choisissez un nouveau mot de passe.',
    },
    login_code: {
      title: 'Se connecter avec le code',
      text: 'Saisissez le code de l’e-mail dans l’application ou sur la page où vous l’avez demandé : c’est là que vous serez connecté.',
    },
    accept_invitation: {
      title: `Bienvenue chez ${product}`,
      text: 'Choisissez un mot de passe, et votre compte est prêt.',
      button: 'Ouvrir le compte',
      done_title: 'Votre compte est prêt',
      done: 'Connectez-vous avec votre adresse et le nouveau mot de passe.',
    },
  }) satisfies Texts;
