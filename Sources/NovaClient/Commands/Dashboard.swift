// `dashboard`: the page's address with a login that works once. Must never write the login anywhere but to stdout.

import NovaWire

/// The verb `dashboard`.
enum Dashboard {
  static let command = CommandSpec(
    name: "dashboard", abstract: "Print the page's address, with a login that works once",
    discussion: """
      Open the address in a browser within two minutes: it logs in once, with your own rights (a member \
      of nova may look, one of nova-admin may act). The page is served by nova-edge where edge.listen in \
      supervisor.yaml says.
      """,
    examples: [.init("novasup dashboard", "the address, to be opened in a browser")],
    run: { (call) throws(ClientError) in
      let bytes = try call.call(
        .init(method: "POST", path: "/v1/logins", body: Array("{}".utf8), timeoutSeconds: 10),
        to: "open the dashboard")
      switch call.form {
      case .json, .jsonl: try call.showJSON(bytes)
      case .table, .wide, .name:
        try call.console.line(
          CleanText.forTerminal(try call.decode(LoginResponse.self, bytes).url))
      }
      return .ok
    })
}
