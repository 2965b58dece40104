/** True where faults are to last as long as they may outside: `npm run test:faults -- --full`. */
export const isFullForm = process.env.FAULTS_IN_FULL === 'true';
