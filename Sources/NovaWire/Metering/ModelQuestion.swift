// What a worker asks of a model, as far as it decides what the answer can cost: Anthropic Messages and OpenAI chat completions,
// responses and embeddings. Must never take less for possible than the provider may charge.

package import NovaModel

/// What is asked, by its path.
package enum ModelEndpoint: String, Sendable, Hashable, CaseIterable {
  case messages = "/v1/messages"
  case countTokens = "/v1/messages/count_tokens"
  case chat = "/v1/chat/completions"
  case responses = "/v1/responses"
  case embeddings = "/v1/embeddings"

  /// Whose API it belongs to.
  package var kind: GatewayProvider.Kind {
    switch self {
    case .messages, .countTokens: .anthropic
    case .chat, .responses, .embeddings: .openai
    }
  }

  /// What is counted costs nothing.
  package var isFree: Bool { self == .countTokens }

  /// Under which names a body says how long the answer may be; the first is the one that is written.
  var outputKeys: [String] {
    switch self {
    case .messages: ["max_tokens"]
    case .chat: ["max_completion_tokens", "max_tokens"]
    case .responses: ["max_output_tokens"]
    case .countTokens, .embeddings: []
    }
  }
}

/// One question.
package struct ModelQuestion: Sendable {
  package let endpoint: ModelEndpoint
  package let model: String
  package let isStreamed: Bool
  /// The longest answer that it asks for, tokens; nil: it does not say.
  package let output: Int64?
  /// How many answers.
  package let answers: Int64
  private let surface: JSONSurface
  private let facts: Facts

  /// What a search of the bytes has found.
  private struct Facts {
    var mayCache = false, refers = false, searches: Int64 = 0, priority = true
    var wantsUsage = false
  }

  /// Why a question cannot be put, for the one who asked.
  package struct Failure: Error, Sendable, Hashable {
    package let message: String
  }

  /// More than a tokenizer adds of its own: what tools and roles are wrapped in.
  package static let wrapping: Int64 = 2_048
  /// What a provider writes at the most where neither the question nor the table says, as LiteLLM takes it.
  package static let usualOutput: Int64 = 16_384

  /// Reads a body.
  package init(_ endpoint: ModelEndpoint, _ body: [UInt8]) throws(Failure) {
    self.endpoint = endpoint
    do throws(JSONError) {
      surface = try JSONSurface(body)
    } catch {
      throw Failure(
        message: "the body is not one JSON object: \(error.message) at byte \(error.offset)")
    }
    guard let model = surface["model"]?.text, ModelAnswer.isName(model) else {
      throw Failure(message: "the body names no model")
    }
    self.model = model
    isStreamed = surface["stream"] == .bool(true)
    let surface = surface
    func count(_ key: String, _ range: ClosedRange<Int64>) throws(Failure) -> Int64? {
      guard surface.has(key), surface[key] != .null else { return nil }
      guard case .number(let text) = surface[key], let value = Int64(text), range.contains(value)
      else { throw Failure(message: "\(key) is not a whole number from \(range.lowerBound)") }
      return value
    }
    var output: Int64?
    for key in endpoint.outputKeys {
      if let said = try count(key, 1...1_000_000_000) { output = max(output ?? 0, said) }
    }
    if endpoint == .messages, output == nil {
      throw Failure(message: "max_tokens is missing")
    }
    self.output = output
    answers = endpoint == .chat ? try count("n", 1...1_000) ?? 1 : 1
    facts = Self.facts(surface, endpoint)
  }

  private static func facts(_ surface: JSONSurface, _ endpoint: ModelEndpoint) -> Facts {
    var facts = Facts()
    let bytes = surface.bytes
    let hides = surface.isDisguised
    // A cache is asked for by a word of the body; OpenAI's fills by itself, which its table prices as input.
    facts.mayCache = hides || ByteSearch.holds("\"cache_control\"", in: bytes)
    // What stands elsewhere may be as long as the model can read.
    facts.refers =
      hides || surface.has("previous_response_id") || surface.has("conversation")
      || surface.has("prompt") || surface.has("mcp_servers") || surface.has("container")
      || ["\"file_id\"", "\"file_url\"", "\"image_url\"", "\"url\"", "\"type\":\"url\"", "\"mcp\""]
        .contains { ByteSearch.holds($0, in: bytes) }
    let searches =
      hides || surface.has("web_search_options")
      || ["web_search", "web_fetch", "file_search", "code_interpreter", "code_execution"].contains {
        ByteSearch.holds("\"\($0)", in: bytes)
      }
    // What a search finds is read again, and how often it searches nobody says before: 10 is what providers stop at.
    facts.searches = searches ? 10 : 0
    facts.refers = facts.refers || searches
    let tier = surface["service_tier"]?.text
    // Anthropic's `auto` and OpenAI's default may be served with priority; what names a slower one is not.
    facts.priority =
      hides || (endpoint.kind == .anthropic ? tier != "standard_only" : tier == "priority")
      || tier == "auto"
    facts.wantsUsage = surface["stream_options"]?["include_usage"] == .bool(true)
    return facts
  }

  /// The most that it can use of a model with these limits. `output`: nil takes what the question asks for.
  package func bound(_ price: ModelPrice, output limit: Int64? = nil) -> CallBound {
    // No tokenizer makes more tokens than there are bytes.
    var input = Int64(surface.bytes.count) + Self.wrapping
    if facts.refers { input = max(input, price.longestInput ?? 1_000_000) }
    if let longest = price.longestInput, !facts.refers { input = min(input, max(longest, 1)) }
    var each = limit ?? output ?? price.longestOutput ?? Self.usualOutput
    if let longest = price.longestOutput { each = min(each, longest) }
    if endpoint == .embeddings { each = 0 }
    var bound = CallBound(
      input: input, output: each.multipliedReportingOverflow(by: answers).partialValue)
    bound.searches = facts.searches
    bound.mayCache = facts.mayCache
    bound.tiers = facts.priority ? [.standard, .priority] : [.standard]
    return bound
  }

  /// What is sent on: as it came, unless the answer must be shorter or must tell its use.
  package func body(output: Int64?) -> [UInt8] {
    var edits: [(key: String, value: JSONValue)] = []
    if let output, let first = endpoint.outputKeys.first {
      let said = endpoint.outputKeys.filter { surface.has($0) }
      for key in said.isEmpty ? [first] : said { edits.append((key, .integer(output))) }
    }
    if asksForUsage {
      var members: [JSONValue.Member] = []
      if case .object(let said) = surface["stream_options"] { members = said }
      members.removeAll { $0.key == "include_usage" }
      edits.append(("stream_options", .object(members + [.init("include_usage", .bool(true))])))
    }
    return edits.isEmpty ? surface.bytes : surface.replacing(edits)
  }

  /// The gateway has to ask for the use, and to take out what comes of it: the worker did not.
  package var asksForUsage: Bool { endpoint == .chat && isStreamed && !facts.wantsUsage }

  /// Bytes of the question.
  package var size: Int { surface.bytes.count }
}
