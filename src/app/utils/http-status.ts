/**
 * The reason phrase of each status (RFC 9110 §15). An `import` of `node:http` reads all that it exports, and so loads
 * Node's web client too, which a server that calls nobody never needs.
 */
export const { STATUS_CODES } = process.getBuiltinModule('node:http');
