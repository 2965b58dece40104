import { createServer } from 'node:http';
import bcrypt from 'bcrypt';
import { required } from './accounts.ts';

/** Nothing but the hash of a login: how many the cores give. */
const hash = bcrypt.hashSync(required('PASSWORD'), 12);

createServer(async (_request, response) => {
  const matches = await bcrypt.compare(required('PASSWORD'), hash);
  response.writeHead(matches ? 200 : 500, { 'content-length': 0 }).end();
}).listen(Number(required('PORT')), '127.0.0.1');
