import type { Texts } from './en.ts';

export const fr = (product: string) =>
  ({
    labels: {
      or_code: 'Ou saisissez ce code :',
      bare_link: 'Si le bouton ne fonctionne pas, ouvrez cette adresse :',
      link_until: 'Lien valable jusqu’au',
      code_until: 'Code valable jusqu’au',
      time: 'Date',
      device: 'Appareil',
      on: 'sur',
      ip: 'Adresse IP',
    },
    ignore: 'Si ce n’était pas vous, ignorez cet e-mail : rien ne change sans lui.',
    secure: {
      text: 'Si ce n’était pas vous, sécurisez votre compte maintenant : toutes les sessions se terminent et vous choisissez un nouveau mot de passe.',
      action: 'Ce n’était pas moi',
    },
    reasons: {
      asked: `Vous recevez cet e-mail parce que cette adresse a été saisie sur ${product}.`,
      account: `Vous recevez cet e-mail parce que cette adresse appartient à un compte ${product}. Il n’est pas possible de se désabonner des e-mails concernant sa sécurité.`,
      former: `Vous recevez cet e-mail parce que cette adresse appartenait à un compte ${product}.`,
    },
    mails: {
      reset_password: {
        subject: `Choisissez un nouveau mot de passe pour ${product}`,
        heading: 'Choisissez un nouveau mot de passe',
        text: 'Un nouveau mot de passe a été demandé. Si c’était vous, utilisez le bouton ou le code.',
        action: 'Choisir un nouveau mot de passe',
      },
      verify_email: {
        subject: `Confirmez votre adresse e-mail pour ${product}`,
        heading: 'Confirmez votre adresse e-mail',
        text: `Confirmez que cette adresse est la vôtre. Elle vous permet de toujours retrouver l’accès à votre compte ${product}.`,
        action: 'Confirmer l’adresse',
      },
      confirm_email_change: {
        subject: `Confirmez votre nouvelle adresse e-mail pour ${product}`,
        heading: 'Confirmez votre nouvelle adresse e-mail',
        text: `L’adresse d’un compte ${product} doit être remplacée par celle-ci. Elle change dès que vous la confirmez.`,
        action: 'Confirmer l’adresse',
      },
      email_change_notice: {
        subject: `L’adresse e-mail de votre compte ${product} va changer`,
        heading: 'Votre adresse e-mail va changer',
        text: (address: string) =>
          `La nouvelle adresse de votre compte doit être ${address}. Si c’était vous, vous n’avez rien à faire. Sinon, annulez le changement ici, même s’il a déjà été confirmé.`,
        action: 'Annuler le changement',
      },
      invitation: {
        subject: `Vous êtes invité à rejoindre ${product}`,
        heading: `Vous êtes invité à rejoindre ${product}`,
        text: 'Un compte est prêt pour vous. Choisissez un mot de passe pour commencer.',
        text_by: (address: string) =>
          `${address} a préparé un compte pour vous. Choisissez un mot de passe pour commencer.`,
        action: 'Accepter l’invitation',
        ignore: 'Si vous n’attendiez pas cet e-mail, ignorez-le : sans vous, le compte reste inutilisé.',
      },
      login_code: {
        subject: `Votre code de connexion pour ${product}`,
        heading: 'Connexion',
        text: 'Un code de connexion à votre compte a été demandé. Ne le communiquez à personne : aucun de nous ne vous le demandera.',
        action: 'Se connecter',
      },
      address_taken: {
        subject: `Vous avez déjà un compte ${product}`,
        heading: 'Vous avez déjà un compte',
        text: 'Cette adresse a été saisie pour un nouveau compte ou comme nouvelle adresse, mais elle appartient déjà à votre compte. Si c’était vous, connectez-vous, ou choisissez un nouveau mot de passe si vous avez oublié le vôtre.',
        action: 'Se connecter',
        ignore: 'Si ce n’était pas vous, vous n’avez rien à faire : l’autre personne n’a rien appris.',
      },
      test: {
        subject: `Un test de ${product}`,
        heading: 'Ceci est un test',
        text: `Cet e-mail a été demandé depuis l’administration. Si vous le lisez, les e-mails de ${product} arrivent.`,
      },
    },
    notices: {
      'password.changed': {
        subject: `Votre mot de passe ${product} a été modifié`,
        text: 'Le mot de passe de votre compte a été modifié. Toutes les autres sessions sont terminées.',
      },
      'password.reset': {
        subject: `Un nouveau mot de passe ${product} a été défini`,
        text: 'Un nouveau mot de passe a été défini pour votre compte grâce à un e-mail envoyé à cette adresse. Toutes les sessions sont terminées.',
      },
      'email.changed': {
        subject: `Votre adresse e-mail ${product} a été modifiée`,
        text: (address: string) => `L’adresse de votre compte est désormais ${address}.`,
      },
      'session.new_device': {
        subject: `Nouvelle connexion à ${product}`,
        text: 'Un appareil que votre compte ne connaissait pas s’y est connecté.',
      },
      'session.refresh_token_reused': {
        subject: `Une session ${product} a été terminée`,
        text: 'La clé de l’une de vos sessions a été utilisée deux fois, comme cela arrive lorsqu’elle a été copiée. Nous avons mis fin à cette session. Reconnectez-vous là où elle vous manque.',
      },
      'factor.added': {
        subject: `Un second facteur a été ajouté sur ${product}`,
        text: (name: string) => `Le second facteur « ${name} » a été ajouté à votre compte.`,
      },
      'factor.removed': {
        subject: `Un second facteur a été supprimé sur ${product}`,
        text: (name: string) => `Le second facteur « ${name} » a été supprimé de votre compte.`,
      },
      'passkey.added': {
        subject: `Une clé d’accès a été ajoutée sur ${product}`,
        text: (name: string) => `La clé d’accès « ${name} » a été ajoutée à votre compte.`,
      },
      'passkey.removed': {
        subject: `Une clé d’accès a été supprimée sur ${product}`,
        text: (name: string) => `La clé d’accès « ${name} » a été supprimée de votre compte.`,
      },
      'identity.linked': {
        subject: `Un moyen de connexion a été ajouté sur ${product}`,
        text: (name: string) => `Il est désormais possible de se connecter à votre compte avec ${name}.`,
      },
      'identity.unlinked': {
        subject: `Un moyen de connexion a été supprimé sur ${product}`,
        text: (name: string) => `Il n’est plus possible de se connecter à votre compte avec ${name}.`,
      },
      'user.disabled': {
        subject: `Votre compte ${product} a été désactivé`,
        text: 'Un administrateur a désactivé votre compte. Toutes les sessions sont terminées et personne ne peut s’y connecter.',
      },
      'user.deleted': {
        subject: `Votre compte ${product} a été supprimé`,
        text: 'Votre compte et tout ce qui lui appartenait ont été supprimés. Cette opération est irréversible.',
      },
    },
  }) satisfies Texts;
