// Preloaded into every server under load: it ends when the harness does, however that ends.
process.once('disconnect', () => process.exit());
process.channel?.unref();
