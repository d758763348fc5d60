// Health check of the image, which has no curl: exit code 0 when the service is ready. Every service of
// the image answers on the same port, whether it reads it as PORT or as HEALTH_PORT.
setTimeout(() => process.exit(1), 2_500).unref();
try {
  const response = await fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`);
  if (!response.ok) console.error(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
