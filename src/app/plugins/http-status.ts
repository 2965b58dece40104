/**
 * The reason phrase of each status (RFC 9110 §15). An `import` of `node:http` evaluates all of its exports and so loads
 * Node's web client, which this server does not need.
 */
export const { STATUS_CODES } = process.getBuiltinModule('node:http');
