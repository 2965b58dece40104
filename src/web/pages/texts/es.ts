import type { Facts, Texts } from './en.ts';

export const es = ({ product, shortest }: Facts) =>
  ({
    labels: {
      email: 'Correo electrónico',
      code: 'Código',
      code_help: 'Los ocho dígitos del correo.',
      link: 'Dirección del enlace del correo',
      link_help: 'Copia la dirección completa; termina en un texto largo después de «token=».',
      new_password: 'Contraseña nueva',
      new_password_help: `Al menos ${shortest} caracteres. Una frase tuya es fácil de recordar y difícil de adivinar.`,
      password: 'Contraseña',
      name: 'Nombre (opcional)',
      show: 'Mostrar',
      hide: 'Ocultar',
      language: 'Idioma',
    },
    no_script: 'Sin script, esta página no puede leer el enlace. Introduce en su lugar el código del correo.',
    no_script_link: 'Sin script, esta página no puede leer el enlace. Copia en su lugar su dirección en el campo.',
    problems: {
      title: 'No ha funcionado',
      missing: 'Rellena este campo.',
      email: 'Introduce una dirección de correo completa, como ada@example.com.',
      too_long: 'Es demasiado largo.',
      invalid: 'No se ha podido leer el formulario. Recarga la página e inténtalo de nuevo.',
      one_time_token_invalid:
        'Este enlace o código no sirve: es incorrecto, ya se usó, ha caducado o un correo más reciente lo sustituyó.',
      invalid_credentials: 'Esta no es la contraseña de la cuenta.',
      password_too_short: `Elige una contraseña de al menos ${shortest} caracteres.`,
      password_too_long: 'Elige una contraseña más corta: esta tiene más de 72 bytes.',
      password_too_common: 'Esta contraseña es de las que se prueban primero. Elige otra.',
      password_breached: 'Esta contraseña se conoce por la filtración de otro servicio. Elige otra.',
      account_disabled: 'Esta cuenta está desactivada.',
      email_taken: 'Esta dirección pertenece a otra cuenta.',
      rate_limited: 'Han sido demasiados intentos. Espera un poco y vuelve a intentarlo.',
      cross_site_request:
        'Este formulario se envió desde otro sitio, así que no ha cambiado nada. Abre la página aquí y envíalo de nuevo.',
      unavailable: 'El servicio no puede responder ahora. No ha cambiado nada; inténtalo de nuevo en un momento.',
    },
    account: {
      title: 'Tu cuenta',
      text: `Lo que puedes hacer aquí con tu cuenta de ${product}.`,
    },
    forgot_password: {
      title: '¿Has olvidado tu contraseña?',
      text: 'Introduce la dirección de tu cuenta. Te enviamos un enlace y un código para establecer una contraseña nueva.',
      button: 'Enviar el correo',
      done_title: 'Mira tu buzón',
      done: (email: string) =>
        `Si ${email} tiene una cuenta, hay un correo en camino. Abre su enlace o introduce aquí su código.`,
      done_help:
        '¿No ha llegado nada? Mira entre los correos no deseados y comprueba que la dirección esté bien escrita.',
      enter_code: 'Introducir el código',
    },
    reset_password: {
      title: 'Establecer contraseña nueva',
      text: 'Con ello se cierran todas las sesiones de tu cuenta, también las de quien conociera la contraseña anterior.',
      button: 'Establecer contraseña',
      done_title: 'Tu contraseña nueva está guardada',
      done: 'Se han cerrado todas las sesiones. Inicia sesión con la contraseña nueva.',
      renew: 'Pedir otro correo',
    },
    verify: {
      title: 'Verificar tu dirección',
      text: 'Introduce la contraseña que elegiste al abrir la cuenta.',
      button: 'Verificar dirección',
      none: 'No he elegido ninguna',
      none_help:
        'Si no lo hiciste, puede que otra persona abriera la cuenta con tu dirección. Su contraseña y sus sesiones terminan, y tú estableces una contraseña propia.',
      done_title: 'Tu dirección está verificada',
      done: 'Con ella siempre podrás volver a entrar en tu cuenta.',
      done_without: 'La cuenta ya no tiene contraseña. Establece una propia para iniciar sesión.',
      renew: 'Pedir otro correo',
    },
    request_verification: {
      title: 'Pedir otro correo de verificación',
      text: 'Introduce la dirección de tu cuenta. Te enviamos un enlace y un código nuevos.',
      button: 'Enviar el correo',
      done: (email: string) =>
        `Si ${email} tiene una cuenta que aún no está verificada, hay un correo en camino. Abre su enlace o introduce aquí su código.`,
    },
    confirm_email_change: {
      title: 'Confirmar tu dirección nueva',
      text: 'Desde entonces los correos sobre tu cuenta llegan a esta dirección, e inicias sesión con ella.',
      button: 'Confirmar dirección',
      done_title: 'Tu dirección ha cambiado',
      done: (email: string) => `La dirección de tu cuenta es ahora ${email}. Inicia sesión con ella desde ahora.`,
    },
    undo_email_change: {
      title: 'Deshacer el cambio de dirección',
      text: 'Tu cuenta recupera su dirección anterior y se cierran todas sus sesiones. Te enviamos un enlace para establecer una contraseña nueva.',
      button: 'Deshacer el cambio',
      done_title: 'El cambio se ha deshecho',
      done: 'Tu cuenta tiene su dirección anterior y todas las sesiones están cerradas. Mira el buzón de esa dirección y establece una contraseña nueva.',
    },
    secure_account: {
      title: 'Proteger tu cuenta',
      text: 'Se cierran todas las sesiones y se elimina la contraseña, para que nadie más siga dentro. Te enviamos un enlace para establecer una contraseña nueva.',
      button: 'Proteger la cuenta',
      done_title: 'Tu cuenta está protegida',
      done: 'Se han cerrado todas las sesiones y se ha eliminado la contraseña. Mira tu buzón y establece una contraseña nueva.',
    },
    login_code: {
      title: 'Iniciar sesión con el código',
      text: 'Introduce el código del correo en la aplicación o en la página donde lo pediste: ahí inicias sesión.',
    },
    accept_invitation: {
      title: `Te damos la bienvenida a ${product}`,
      text: 'Elige una contraseña y tu cuenta estará lista.',
      button: 'Abrir la cuenta',
      done_title: 'Tu cuenta está lista',
      done: 'Inicia sesión con tu dirección y la contraseña nueva.',
    },
  }) satisfies Texts;
