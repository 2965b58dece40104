import type { Facts, Texts } from './en.ts';

export const pt = ({ product, shortest }: Facts) =>
  ({
    labels: {
      email: 'Endereço de e-mail',
      code: 'Código',
      code_help: 'Os oito algarismos do e-mail.',
      link: 'Endereço da ligação no e-mail',
      link_help: 'Copie o endereço completo; termina num texto longo depois de «token=».',
      new_password: 'Nova palavra-passe',
      new_password_help: `Pelo menos ${shortest} caracteres. Uma frase sua é fácil de lembrar e difícil de adivinhar.`,
      password: 'Palavra-passe',
      name: 'Nome (opcional)',
      show: 'Mostrar',
      hide: 'Ocultar',
      language: 'Idioma',
    },
    no_script: 'Sem script, esta página não consegue ler a ligação. Introduza antes o código do e-mail.',
    no_script_link: 'Sem script, esta página não consegue ler a ligação. Copie antes o endereço dela para o campo.',
    problems: {
      title: 'Não resultou',
      missing: 'Preencha este campo.',
      email: 'Introduza um endereço de e-mail completo, como ada@example.com.',
      too_long: 'É demasiado longo.',
      invalid: 'Não foi possível ler o formulário. Recarregue a página e tente de novo.',
      one_time_token_invalid:
        'Esta ligação ou este código não serve: está errado, já foi usado, expirou ou foi substituído por um e-mail mais recente.',
      invalid_credentials: 'Esta não é a palavra-passe da conta.',
      password_too_short: `Escolha uma palavra-passe com pelo menos ${shortest} caracteres.`,
      password_too_long: 'Escolha uma palavra-passe mais curta: esta tem mais de 72 bytes.',
      password_too_common: 'Esta palavra-passe é das que se tentam primeiro. Escolha outra.',
      password_breached: 'Esta palavra-passe é conhecida de uma fuga de dados de outro serviço. Escolha outra.',
      account_disabled: 'Esta conta está desativada.',
      email_taken: 'Este endereço pertence a outra conta.',
      rate_limited: 'Foram demasiadas tentativas. Espere um pouco e tente de novo.',
      cross_site_request:
        'Este formulário foi enviado por outro site, por isso nada mudou. Abra a página aqui e envie-o de novo.',
      unavailable: 'O serviço não consegue responder agora. Nada mudou; tente de novo daqui a pouco.',
    },
    account: {
      title: 'A sua conta',
      text: `O que pode fazer aqui na sua conta de ${product}.`,
    },
    forgot_password: {
      title: 'Esqueceu-se da palavra-passe?',
      text: 'Introduza o endereço da sua conta. Enviamos-lhe uma ligação e um código para definir uma nova palavra-passe.',
      button: 'Enviar o e-mail',
      done_title: 'Veja a sua caixa de correio',
      done: (email: string) =>
        `Se ${email} tiver uma conta, há um e-mail a caminho. Abra a ligação dele ou introduza aqui o código.`,
      done_help: 'Não chegou nada? Veja no correio não solicitado e confirme se o endereço está bem escrito.',
      enter_code: 'Introduzir o código',
    },
    reset_password: {
      title: 'Definir nova palavra-passe',
      text: 'Com isso terminam todas as sessões da sua conta, também as de quem conhecia a palavra-passe antiga.',
      button: 'Definir a palavra-passe',
      done_title: 'A sua nova palavra-passe está definida',
      done: 'Todas as sessões terminaram. Inicie sessão com a nova palavra-passe.',
      renew: 'Pedir um novo e-mail',
    },
    verify: {
      title: 'Verificar o seu endereço',
      text: 'Introduza a palavra-passe que escolheu quando abriu a conta.',
      button: 'Verificar endereço',
      none: 'Não defini nenhuma',
      none_help:
        'Se não o fez, outra pessoa pode ter aberto a conta com o seu endereço. A palavra-passe e as sessões dela terminam, e define uma palavra-passe sua.',
      done_title: 'O seu endereço está verificado',
      done: 'Com ele poderá sempre voltar a entrar na sua conta.',
      done_without: 'A conta já não tem palavra-passe. Defina uma sua para iniciar sessão.',
      renew: 'Pedir um novo e-mail',
    },
    request_verification: {
      title: 'Pedir um novo e-mail de verificação',
      text: 'Introduza o endereço da sua conta. Enviamos-lhe uma nova ligação e um novo código.',
      button: 'Enviar o e-mail',
      done: (email: string) =>
        `Se ${email} tiver uma conta ainda não verificada, há um e-mail a caminho. Abra a ligação dele ou introduza aqui o código.`,
    },
    confirm_email_change: {
      title: 'Confirmar o seu novo endereço',
      text: 'A partir daí os e-mails sobre a sua conta chegam a este endereço, e inicia sessão com ele.',
      button: 'Confirmar endereço',
      done_title: 'O seu endereço foi alterado',
      done: (email: string) => `O endereço da sua conta é agora ${email}. Inicie sessão com ele a partir de agora.`,
    },
    undo_email_change: {
      title: 'Anular a alteração do endereço',
      text: 'A sua conta recupera o endereço anterior e todas as sessões dela terminam. Enviamos-lhe uma ligação para definir uma nova palavra-passe.',
      button: 'Anular a alteração',
      done_title: 'A alteração foi anulada',
      done: 'A sua conta tem o endereço anterior e todas as sessões terminaram. Veja a caixa de correio desse endereço e defina uma nova palavra-passe.',
    },
    secure_account: {
      title: 'Proteger a sua conta',
      text: 'Todas as sessões terminam e a palavra-passe é removida, para que mais ninguém fique dentro. Enviamos-lhe uma ligação para definir uma nova palavra-passe.',
      button: 'Proteger a conta',
      done_title: 'A sua conta está protegida',
      done: 'Todas as sessões terminaram e a palavra-passe foi removida. Veja a sua caixa de correio e defina uma nova palavra-passe.',
    },
    login_code: {
      title: 'Iniciar sessão com o código',
      text: 'Introduza o código do e-mail na aplicação ou na página onde o pediu: é aí que inicia sessão.',
    },
    accept_invitation: {
      title: `Boas-vindas a ${product}`,
      text: 'Escolha uma palavra-passe e a sua conta fica pronta.',
      button: 'Abrir a conta',
      done_title: 'A sua conta está pronta',
      done: 'Inicie sessão com o seu endereço e a nova palavra-passe.',
    },
  }) satisfies Texts;
