/// An application of one page that routes by itself: a folder with `index.html` and what it needs.
///
/// Every address that no file has is the page's own and gets `index.html`, except those below `api`, those whose last
/// segment has a dot (a file that isn't there), and hidden ones.
///
/// Each answer of `index.html` has a nonce of its own, in the header that says which styles may be taken and wherever the
/// page's text says `WebPage.nonceMark`. Scripts need none: they all come from files. W3C, Content Security Policy
/// Level 3, section 2.3.
package struct WebPage: Sendable {
    /// What `index.html` says where the nonce belongs.
    package static let nonceMark = "__CSP_NONCE__"

    private static let startPath = "index.html"

    private let files: StaticFiles
    /// The text of `index.html` between the marks.
    private let start: [[UInt8]]

    package init(folder: String) throws(ServerError) {
        files = try StaticFiles(folder: folder)
        guard let text = try files.content(Self.startPath) else {
            throw ServerError(.files, "the page in \(folder) can't be served: it has no \(Self.startPath)")
        }
        start = Self.split(text, at: Array(Self.nonceMark.utf8))
    }

    /// Nil where there is nothing.
    package func response(to request: Request) -> Response? {
        let path = request.target.segments
        if path.count <= 1, ["", Self.startPath].contains(path.first ?? "") { return startPage() }
        return files.response(to: request) ?? (isPage(path) ? startPage() : nil)
    }

    private func isPage(_ path: [String]) -> Bool {
        guard path.first != "api", path.last?.contains(".") == false else { return false }
        return !path.contains { $0.hasPrefix(".") || $0.contains("/") || $0.contains("\\") || $0.utf8.contains(0) }
    }

    private func startPage() -> Response {
        let nonce = Self.nonce()
        let headers: Headers = [
            "Content-Type": "text/html; charset=utf-8",
            // The nonce is good for one answer, so the answer is nobody's to keep.
            "Cache-Control": "no-store",
            "Content-Security-Policy": Self.policy(nonce),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        ]
        return Response(.ok, headers: headers, body: .bytes(Array(start.joined(separator: Array(nonce.utf8)))))
    }

    private static func policy(_ nonce: String) -> String {
        "default-src 'self'; style-src 'self' 'nonce-\(nonce)'; object-src 'none'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'"
    }

    /// 128 random bits in hexadecimal.
    private static func nonce() -> String {
        // On Linux these come from getrandom(2).
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let digits = String(generator.next(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func split(_ text: [UInt8], at mark: [UInt8]) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var rest = text[...]
        while let start = rest.indices.first(where: { rest[$0...].starts(with: mark) }) {
            parts.append(Array(rest[..<start]))
            rest = rest[(start + mark.count)...]
        }
        return parts + [Array(rest)]
    }
}
