package import HTTPServer
package import JSON
package import Store

/// How lists are asked for and answered: in a stable order, by cursors that clients don't read.
package enum Paging {
    static let cursorName = "cursor"

    /// What each list declares.
    package static let parameters: [Parameter] = [
        .query("limit", Schema.integer(1...500).with("default", 50), "The most items of one page."),
        .query(cursorName, .text(1...2_000), "The last page's `next_cursor`, for the page after it."),
    ]

    /// In base64url without padding: `["listConfigs",major,minor]`.
    static func encode(_ key: PageKey, list: String) -> String {
        let value: JSONValue = [.string(list), .integer(key.major), .integer(key.minor)]
        return Base64.encode(value.serialized(), alphabet: .urlSafe, isPadded: false)
    }

    static func decode(_ text: String, list: String) throws(Problem) -> PageKey {
        guard let bytes = Base64.decode(text, alphabet: .urlSafe, isPadded: false) else { throw invalid }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(depth: 2))
        } catch {
            throw invalid
        }
        guard let parts = value.arrayValue, parts.count == 3, parts[0] == .string(list),
            let major = parts[1].integerValue, let minor = parts[2].integerValue
        else { throw invalid }
        return PageKey(major, minor)
    }

    private static var invalid: Problem { .invalidParameter(cursorName, "is not a cursor of this list") }
}

extension Call {
    /// Which piece of the list is asked for; the endpoint declares `Paging.parameters`.
    package func page() throws -> PageRequest {
        let after = try query.text(Paging.cursorName).map { text throws(Problem) in
            try Paging.decode(text, list: endpoint.operationID)
        }
        return PageRequest(after: after, limit: Int(try query.integer("limit") ?? 50))
    }

    /// A page as an answer: `{"items": […], "next_cursor": …}`.
    package func answer<Item>(_ page: Page<Item>, _ json: (Item) throws -> JSONValue) rethrows -> Response {
        .json([
            "items": .array(try page.items.map(json)),
            "next_cursor": page.next.map { .string(Paging.encode($0, list: endpoint.operationID)) } ?? .null,
        ])
    }
}
