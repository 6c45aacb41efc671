/** Examples of every command, for `--help`; `$` stands for the program. Tests run those that can be run. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  list: ['$ list', '$ list -A -l team=sales', '$ list -o name'],
  status: ['$ status sales', '$ status sales -o json'],
  qr: ['$ qr sales', '$ qr sales --timeout 10m'],
  pair: ['$ pair sales --phone +5511912345678', '$ pair sales --code'],
  send: [
    '$ send sales +5511912345678 "Your order has left."',
    '$ send sales 120363025246125486@g.us --file prices.pdf "Prices of this week"',
    '$ send sales +5511912345678 "Hello" --wait accepted --idempotency-key order-4711',
  ],
  messages: ['$ messages sales --status failed', '$ messages sales 3EB0C431C26A1916E07A12'],
  cancel: ['$ cancel sales 3EB0C431C26A1916E07A12'],
  logs: ['$ logs sales -f', '$ logs sales --previous --tail 50'],
  restart: ['$ restart sales --wait'],
  reconnect: ['$ reconnect sales --wait --timeout 2m'],
  suspend: ['$ suspend sales --wait'],
  resume: ['$ resume sales --wait'],
  logout: ['$ logout sales --yes'],
  screenshot: ['$ screenshot sales page.png', '$ screenshot sales - > page.png'],
  monitor: ['$ monitor -A', '$ monitor --once'],
  doctor: ['$ doctor', '$ doctor -n shop -o json'],
  completion: ['source <(wa completion bash)', 'wa completion fish > ~/.config/fish/completions/wa.fish'],
};
