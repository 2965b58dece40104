import type { Texts } from './en.ts';

export const es = (product: string) =>
  ({
    labels: {
      or_code: 'O introduce este código:',
      bare_link: 'Si el botón no funciona, abre esta dirección:',
      link_until: 'Enlace válido hasta',
      code_until: 'Código válido hasta',
      time: 'Fecha',
      device: 'Dispositivo',
      on: 'en',
      ip: 'Dirección IP',
    },
    ignore: 'Si no has sido tú, ignora este correo: sin él no cambia nada.',
    secure: {
      text: 'Si no has sido tú, protege tu cuenta ahora: se cierran todas las sesiones y estableces una contraseña nueva.',
      action: 'No he sido yo',
    },
    reasons: {
      asked: `Recibes este correo porque se ha introducido esta dirección en ${product}.`,
      account: `Recibes este correo porque esta dirección pertenece a una cuenta de ${product}. No es posible darse de baja de los correos sobre su seguridad.`,
      former: `Recibes este correo porque esta dirección pertenecía a una cuenta de ${product}.`,
    },
    mails: {
      reset_password: {
        subject: `Establece una contraseña nueva para ${product}`,
        heading: 'Establece una contraseña nueva',
        text: 'Se ha solicitado una contraseña nueva. Si has sido tú, usa el botón o el código.',
        action: 'Establecer contraseña nueva',
      },
      verify_email: {
        subject: `Verifica tu correo electrónico para ${product}`,
        heading: 'Verifica tu correo electrónico',
        text: `Confirma que esta dirección es tuya. Con ella siempre podrás volver a entrar en tu cuenta de ${product}.`,
        action: 'Verificar dirección',
      },
      confirm_email_change: {
        subject: `Confirma tu nuevo correo electrónico para ${product}`,
        heading: 'Confirma tu nuevo correo electrónico',
        text: `La dirección de una cuenta de ${product} va a cambiarse por esta. Cambiará en cuanto la confirmes.`,
        action: 'Confirmar dirección',
      },
      email_change_notice: {
        subject: `El correo electrónico de tu cuenta de ${product} va a cambiar`,
        heading: 'Tu correo electrónico va a cambiar',
        text: (address: string) =>
          `La nueva dirección de tu cuenta va a ser ${address}. Si has sido tú, no tienes que hacer nada. Si no, deshaz el cambio aquí, incluso si ya se ha confirmado.`,
        action: 'Deshacer el cambio',
      },
      invitation: {
        subject: `Tienes una invitación a ${product}`,
        heading: `Tienes una invitación a ${product}`,
        text: 'Hay una cuenta preparada para ti. Elige una contraseña para empezar.',
        text_by: (address: string) => `${address} ha preparado una cuenta para ti. Elige una contraseña para empezar.`,
        action: 'Aceptar la invitación',
        ignore: 'Si no lo esperabas, ignora este correo: sin ti, la cuenta no se usará.',
      },
      login_code: {
        subject: `Tu código de acceso a ${product}`,
        heading: 'Inicia sesión',
        text: 'Se ha solicitado un código para iniciar sesión en tu cuenta. No se lo des a nadie: ninguno de nosotros te lo pedirá.',
        action: 'Iniciar sesión',
      },
      address_taken: {
        subject: `Ya tienes una cuenta en ${product}`,
        heading: 'Ya tienes una cuenta',
        text: 'Se ha introducido esta dirección para una cuenta nueva o como dirección nueva, pero ya pertenece a tu cuenta. Si has sido tú, inicia sesión, o establece una contraseña nueva si has olvidado la tuya.',
        action: 'Iniciar sesión',
        ignore: 'Si no has sido tú, no tienes que hacer nada: la otra parte no ha averiguado nada.',
      },
      test: {
        subject: `Una prueba de ${product}`,
        heading: 'Esto es una prueba',
        text: `Este correo se ha pedido desde la administración. Si lo lees, los correos de ${product} llegan.`,
      },
    },
    notices: {
      'password.changed': {
        subject: `Se ha cambiado tu contraseña de ${product}`,
        text: 'Se ha cambiado la contraseña de tu cuenta. Todas las demás sesiones se han cerrado.',
      },
      'password.reset': {
        subject: `Se ha establecido una contraseña nueva para ${product}`,
        text: 'Se ha establecido una contraseña nueva para tu cuenta con un correo enviado a esta dirección. Todas las sesiones se han cerrado.',
      },
      'email.changed': {
        subject: `Se ha cambiado tu correo electrónico de ${product}`,
        text: (address: string) => `La dirección de tu cuenta es ahora ${address}.`,
      },
      'session.new_device': {
        subject: `Nuevo inicio de sesión en ${product}`,
        text: 'Se ha iniciado sesión en tu cuenta desde un dispositivo que no conocía.',
      },
      'session.refresh_token_reused': {
        subject: `Se ha cerrado una sesión de ${product}`,
        text: 'La clave de una de tus sesiones se ha usado dos veces, como ocurre cuando alguien la copia. Hemos cerrado esa sesión. Vuelve a iniciar sesión donde te haga falta.',
      },
      'factor.added': {
        subject: `Se ha añadido un segundo factor en ${product}`,
        text: (name: string) => `Se ha añadido el segundo factor «${name}» a tu cuenta.`,
      },
      'factor.removed': {
        subject: `Se ha eliminado un segundo factor en ${product}`,
        text: (name: string) => `Se ha eliminado el segundo factor «${name}» de tu cuenta.`,
      },
      'passkey.added': {
        subject: `Se ha añadido una llave de acceso en ${product}`,
        text: (name: string) => `Se ha añadido la llave de acceso «${name}» a tu cuenta.`,
      },
      'passkey.removed': {
        subject: `Se ha eliminado una llave de acceso en ${product}`,
        text: (name: string) => `Se ha eliminado la llave de acceso «${name}» de tu cuenta.`,
      },
      'identity.linked': {
        subject: `Se ha añadido una forma de iniciar sesión en ${product}`,
        text: (name: string) => `Ahora también se puede iniciar sesión en tu cuenta con ${name}.`,
      },
      'identity.unlinked': {
        subject: `Se ha eliminado una forma de iniciar sesión en ${product}`,
        text: (name: string) => `Ya no se puede iniciar sesión en tu cuenta con ${name}.`,
      },
      'user.disabled': {
        subject: `Se ha desactivado tu cuenta de ${product}`,
        text: 'Un administrador ha desactivado tu cuenta. Todas las sesiones se han cerrado y nadie puede iniciar sesión en ella.',
      },
      'user.deleted': {
        subject: `Se ha eliminado tu cuenta de ${product}`,
        text: 'Se han eliminado tu cuenta y todo lo que le pertenecía. Esto no se puede deshacer.',
      },
    },
  }) satisfies Texts;
