import type { Texts } from './en.ts';

export const pt = (product: string) =>
  ({
    labels: {
      or_code: 'Ou introduza este código:',
      bare_link: 'Se o botão não funcionar, abra este endereço:',
      link_until: 'Ligação válida até',
      code_until: 'Código válido até',
      time: 'Data',
      device: 'Dispositivo',
      on: 'em',
      ip: 'Endereço IP',
    },
    ignore: 'Se não foi você, ignore este e-mail: sem ele nada muda.',
    secure: {
      text: 'Se não foi você, proteja a sua conta agora: todas as sessões terminam e define uma nova palavra-passe.',
      action: 'Não fui eu',
    },
    reasons: {
      asked: `Recebe este e-mail porque este endereço foi introduzido em ${product}.`,
      account: `Recebe este e-mail porque este endereço pertence a uma conta de ${product}. Não é possível cancelar a subscrição dos e-mails sobre a segurança da conta.`,
      former: `Recebe este e-mail porque este endereço pertencia a uma conta de ${product}.`,
    },
    mails: {
      reset_password: {
        subject: `Defina uma nova palavra-passe para ${product}`,
        heading: 'Defina uma nova palavra-passe',
        text: 'Foi pedida uma nova palavra-passe. Se foi você, use o botão ou o código.',
        action: 'Definir nova palavra-passe',
      },
      verify_email: {
        subject: `Verifique o seu endereço de e-mail para ${product}`,
        heading: 'Verifique o seu endereço de e-mail',
        text: `Confirme que este endereço é seu. Com ele poderá sempre voltar a entrar na sua conta de ${product}.`,
        action: 'Verificar endereço',
      },
      confirm_email_change: {
        subject: `Confirme o seu novo endereço de e-mail para ${product}`,
        heading: 'Confirme o seu novo endereço de e-mail',
        text: `O endereço de uma conta de ${product} vai ser substituído por este. Muda assim que o confirmar.`,
        action: 'Confirmar endereço',
      },
      email_change_notice: {
        subject: `O endereço de e-mail da sua conta de ${product} vai mudar`,
        heading: 'O seu endereço de e-mail vai mudar',
        text: (address: string) =>
          `O novo endereço da sua conta será ${address}. Se foi você, não precisa de fazer nada. Se não, anule a alteração aqui, mesmo que já tenha sido confirmada.`,
        action: 'Anular a alteração',
      },
      invitation: {
        subject: `Recebeu um convite para ${product}`,
        heading: `Recebeu um convite para ${product}`,
        text: 'Há uma conta preparada para si. Escolha uma palavra-passe para começar.',
        text_by: (address: string) => `${address} preparou uma conta para si. Escolha uma palavra-passe para começar.`,
        action: 'Aceitar o convite',
        ignore: 'Se não esperava este convite, ignore este e-mail: sem si, a conta fica por usar.',
      },
      login_code: {
        subject: `O seu código de acesso a ${product}`,
        heading: 'Inicie sessão',
        text: 'Foi pedido um código para iniciar sessão na sua conta. Não o revele a ninguém: nenhum de nós lho pedirá.',
        action: 'Iniciar sessão',
      },
      address_taken: {
        subject: `Já tem uma conta em ${product}`,
        heading: 'Já tem uma conta',
        text: 'Este endereço foi introduzido para uma nova conta ou como novo endereço, mas já pertence à sua conta. Se foi você, inicie sessão, ou defina uma nova palavra-passe se esqueceu a sua.',
        action: 'Iniciar sessão',
        ignore: 'Se não foi você, não precisa de fazer nada: a outra pessoa não ficou a saber nada.',
      },
      test: {
        subject: `Um teste de ${product}`,
        heading: 'Isto é um teste',
        text: `Este e-mail foi pedido na administração. Se o está a ler, os e-mails de ${product} chegam.`,
      },
    },
    notices: {
      'password.changed': {
        subject: `A sua palavra-passe de ${product} foi alterada`,
        text: 'A palavra-passe da sua conta foi alterada. Todas as outras sessões terminaram.',
      },
      'password.reset': {
        subject: `Foi definida uma nova palavra-passe para ${product}`,
        text: 'Foi definida uma nova palavra-passe da sua conta com um e-mail enviado para este endereço. Todas as sessões terminaram.',
      },
      'email.changed': {
        subject: `O seu endereço de e-mail de ${product} foi alterado`,
        text: (address: string) => `O endereço da sua conta é agora ${address}.`,
      },
      'session.new_device': {
        subject: `Novo início de sessão em ${product}`,
        text: 'Foi iniciada sessão na sua conta a partir de um dispositivo que ela não conhecia.',
      },
      'session.refresh_token_reused': {
        subject: `Uma sessão de ${product} foi terminada`,
        text: 'A chave de uma das suas sessões foi usada duas vezes, como acontece quando é copiada. Terminámos essa sessão. Inicie sessão novamente onde lhe fizer falta.',
      },
      'factor.added': {
        subject: `Foi adicionado um segundo fator em ${product}`,
        text: (name: string) => `O segundo fator «${name}» foi adicionado à sua conta.`,
      },
      'factor.removed': {
        subject: `Foi removido um segundo fator em ${product}`,
        text: (name: string) => `O segundo fator «${name}» foi removido da sua conta.`,
      },
      'passkey.added': {
        subject: `Foi adicionada uma chave de acesso em ${product}`,
        text: (name: string) => `A chave de acesso «${name}» foi adicionada à sua conta.`,
      },
      'passkey.removed': {
        subject: `Foi removida uma chave de acesso em ${product}`,
        text: (name: string) => `A chave de acesso «${name}» foi removida da sua conta.`,
      },
      'identity.linked': {
        subject: `Foi adicionada uma forma de iniciar sessão em ${product}`,
        text: (name: string) => `Agora também é possível iniciar sessão na sua conta com ${name}.`,
      },
      'identity.unlinked': {
        subject: `Foi removida uma forma de iniciar sessão em ${product}`,
        text: (name: string) => `Já não é possível iniciar sessão na sua conta com ${name}.`,
      },
      'user.disabled': {
        subject: `A sua conta de ${product} foi desativada`,
        text: 'Um administrador desativou a sua conta. Todas as sessões terminaram e ninguém pode iniciar sessão nela.',
      },
      'user.deleted': {
        subject: `A sua conta de ${product} foi eliminada`,
        text: 'A sua conta e tudo o que lhe pertencia foram eliminados. Esta ação não pode ser anulada.',
      },
    },
  }) satisfies Texts;
