import type { Server } from 'node:net';
import { clientShare } from '../../utils/client-networks.ts';
import { createNetworkShares, isBeyondPart } from './network-shares.ts';

/**
 * Lets one network have as many connections as are free, which is half of them if there is no other: a client that opens all it can
 * keeps no other network out. A connection beyond that is closed.
 */
export function shareConnections(server: Server, most: number): void {
  const shares = createNetworkShares((name) => ({ name, members: 0 }));
  let open = 0;
  server.on('connection', (socket) => {
    const share = shares.enter(clientShare(socket.remoteAddress ?? ''));
    open++;
    socket.once('close', () => {
      open--;
      shares.leave(share);
    });
    if (isBeyondPart(share.members - 1, { free: most - open + 1 })) socket.destroy();
  });
}
