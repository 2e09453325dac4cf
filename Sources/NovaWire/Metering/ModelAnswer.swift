// What a provider's answer says of its use, in the forms of Anthropic Messages and of OpenAI chat completions, responses and
// embeddings, whole or as a stream. Must never guess: an answer that says nothing has no usage, which is not none.

package import NovaModel

/// One answer of a provider, as far as its use goes.
package struct ModelAnswer: Sendable, Hashable {
  /// Who served it, by the name in the answer.
  package var model: String?
  /// What it used; nil: it does not say.
  package var usage: TokenUsage?

  /// Nothing said yet.
  package init() {}

  /// A model's name: 1 to 256 printable characters of ASCII without spaces, as all providers have them.
  package static func isName(_ text: String) -> Bool {
    (1...256).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  /// A whole answer; nil for what is no JSON object.
  package init?(_ bytes: [UInt8]) {
    guard let value = try? JSONParser.parse(bytes), case .object = value else { return nil }
    take(value)
  }

  /// Takes what one object says: an answer, or an event of a stream. What comes later counts: a stream repeats its sums.
  package mutating func take(_ value: JSONValue) {
    // Anthropic's first event and OpenAI's last ones wrap the answer.
    let body =
      value["message"].flatMap { $0["usage"] == nil ? nil : $0 } ?? value["response"] ?? value
    if let name = body["model"]?.text, Self.isName(name) { model = name }
    guard let said = body["usage"] ?? value["usage"], case .object = said else { return }
    if said["prompt_tokens"] != nil || said["total_tokens"] != nil {
      usage = Self.openAI(said, tier: body["service_tier"]?.text)
    } else if said["input_tokens_details"] != nil {
      usage = Self.openAI(said, tier: body["service_tier"]?.text)
    } else {
      usage = Self.anthropic(said, after: usage)
    }
  }

  /// Anthropic's input fields are disjoint; in a stream the later event holds the sums and may leave the input out.
  private static func anthropic(_ said: JSONValue, after before: TokenUsage?) -> TokenUsage? {
    var usage = before ?? TokenUsage()
    if let count = count(said["input_tokens"]) { usage.input = count }
    if let count = count(said["output_tokens"]) { usage.output = count }
    if let count = count(said["cache_read_input_tokens"]) { usage.cacheRead = count }
    if let written = count(said["cache_creation_input_tokens"]) {
      let hour = min(written, count(said["cache_creation"]?["ephemeral_1h_input_tokens"]) ?? 0)
      // What the breakdown leaves out was kept for minutes.
      usage.cacheWrite = written - hour
      usage.cacheWriteHour = hour
    }
    if let searches = count(said["server_tool_use"]?["web_search_requests"]) {
      usage.webSearches = searches
    }
    switch said["service_tier"]?.text {
    case "priority": usage.tier = .priority
    case "batch": usage.tier = .batch
    default: break
    }
    return usage.isPossible ? usage : nil
  }

  /// OpenAI's cached tokens are among the prompt's.
  private static func openAI(_ said: JSONValue, tier: String?) -> TokenUsage? {
    var usage = TokenUsage()
    let prompt = count(said["prompt_tokens"] ?? said["input_tokens"])
    guard let prompt else { return nil }
    let details = said["prompt_tokens_details"] ?? said["input_tokens_details"]
    usage.cacheRead = count(details?["cached_tokens"]) ?? 0
    usage.cacheWrite = count(details?["cache_write_tokens"]) ?? 0
    usage.input = prompt - usage.cacheRead - usage.cacheWrite
    usage.output = count(said["completion_tokens"] ?? said["output_tokens"]) ?? 0
    let thought = said["completion_tokens_details"] ?? said["output_tokens_details"]
    usage.reasoning = count(thought?["reasoning_tokens"]) ?? 0
    switch tier {
    case "priority": usage.tier = .priority
    case "flex": usage.tier = .flex
    case "batch": usage.tier = .batch
    default: break
    }
    return usage.isPossible ? usage : nil
  }

  /// A whole number; what is negative makes the whole usage impossible, so it is handed on.
  private static func count(_ value: JSONValue?) -> Int64? {
    guard case .number(let text) = value else { return nil }
    return Int64(text) ?? -1
  }
}
