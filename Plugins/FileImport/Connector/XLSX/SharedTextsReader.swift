internal import ConnectorKit

extension SharedTexts {
    /// Reads the part of the shared texts: with the scanner, and with expat where that gives up.
    static func read(
        _ name: String,
        in archive: ZipArchive,
        _ context: OperationContext,
        usesScanner: Bool = true
    ) throws(ConnectorFailure) -> SharedTexts {
        if usesScanner, let texts = try scanned(name, in: archive, context) { return texts }
        let part = try archive.part(name, maxBytes: archive.limits.largePartBytes)
        let texts = SharedTextsBuilder(fileName: archive.file.name, archive.limits, partBytes: part.size)
        let listener = SharedTextsListener(texts)
        try XMLReader(part, listener, context).advance()
        return try listener.finish()
    }

    private static func scanned(
        _ name: String,
        in archive: ZipArchive,
        _ context: OperationContext
    ) throws(ConnectorFailure) -> SharedTexts? {
        let part = try archive.part(name, maxBytes: archive.limits.largePartBytes)
        var texts = SharedTextsBuilder(fileName: archive.file.name, archive.limits, partBytes: part.size)
        var window = PartWindow(part)
        var scanner = SharedTextsScanner()
        while true {
            switch try scanner.scan(window.bytes.span, end: window.end, isLast: window.isLast, into: &texts) {
            case .more:
                guard try window.fill(keepingFrom: scanner.position, context) else { return nil }
                scanner.position = 0
            case .ended:
                return try texts.finish()
            case .odd:
                return nil
            }
        }
    }
}

/// The fast way through the part of the shared texts.
private struct SharedTextsScanner {
    enum Step {
        case more
        case ended
        case odd
    }

    private enum Place {
        case start
        case prolog
        case table
        case item
        case skipped
        case epilog
    }

    /// Of the next token, in the window.
    var position = 0
    private var place = Place.start
    private var root = XMLRoot()
    private var rich = RichText()
    private var depth = 0
    private var text: [UInt8] = []

    mutating func scan(
        _ bytes: Span<UInt8>,
        end: Int,
        isLast: Bool,
        into texts: inout SharedTextsBuilder
    ) throws(ConnectorFailure) -> Step {
        if place == .start {
            guard end > 0 else { return isLast ? .odd : .more }
            guard let first = XMLRoot.firstToken(bytes, end: end) else { return .odd }
            position = first
            place = .prolog
        }
        while position < end {
            let token = XMLLexer.next(bytes, at: position, end: end, prefix: root.prefix)
            if token.kind == .more {
                return isLast ? trailing(bytes, end) : .more
            }
            guard token.kind != .odd, try take(token, bytes, into: &texts) else { return .odd }
            position = token.end
        }
        return isLast ? place == .epilog ? .ended : .odd : .more
    }

    /// White space behind the last tag is a token that never ends.
    private func trailing(_ bytes: Span<UInt8>, _ end: Int) -> Step {
        place == .epilog && bytes.isBlank(position..<end) ? .ended : .odd
    }

    @inline(__always)
    private mutating func take(
        _ token: XMLLexer.Token,
        _ bytes: Span<UInt8>,
        into texts: inout SharedTextsBuilder
    ) throws(ConnectorFailure) -> Bool {
        switch place {
        case .item:
            switch rich.take(token, bytes, closedBy: XMLName.item, into: &text) {
            case .more: return true
            case .odd: return false
            case .ended:
                try texts.append(text)
                place = .table
                return true
            }
        case .table:
            return try takeItem(token, bytes, into: &texts)
        case .start, .prolog:
            switch root.take(token, bytes, named: "sst") {
            case .found: place = .table
            case .more: break
            case .odd: return false
            }
            return true
        case .skipped:
            if token.kind == .startTag { depth += 1 }
            if token.kind == .endTag { depth -= 1 }
            if depth == 0 { place = .table }
            return true
        case .epilog:
            return token.kind == .aside || token.kind == .text && bytes.isBlank(token.start..<token.end)
        }
    }

    private mutating func takeItem(
        _ token: XMLLexer.Token,
        _ bytes: Span<UInt8>,
        into texts: inout SharedTextsBuilder
    ) throws(ConnectorFailure) -> Bool {
        switch token.kind {
        case .startTag where token.name == XMLName.item:
            text.removeAll(keepingCapacity: true)
            rich = RichText()
            place = .item
        case .emptyTag where token.name == XMLName.item:
            try texts.append([])
        case .startTag:
            place = .skipped
            depth = 1
        case .endTag:
            place = .epilog
            return token.name == XMLName.sst
        case .text:
            return bytes.isBlank(token.start..<token.end)
        case .emptyTag, .aside, .more, .odd:
            break
        }
        return true
    }
}

/// The slow way: whatever expat can read.
private final class SharedTextsListener: XMLListener {
    private var texts: SharedTextsBuilder
    private var path: [String] = []
    private var rich = RichTextListener()

    init(_ texts: consuming SharedTextsBuilder) {
        self.texts = texts
    }

    func finish() throws(ConnectorFailure) -> SharedTexts {
        try texts.finish()
    }

    func started(_ name: String, _ attributes: XMLAttributes) {
        path.append(name)
        if path.count == 2, name == "si" {
            rich = RichTextListener()
        } else if path.count > 2, path[1] == "si" {
            rich.started(name, attributes)
        }
    }

    func ended(_ name: String) throws(ConnectorFailure) {
        path.removeLast()
        if path.count == 1, name == "si" {
            try texts.append(rich.text)
        } else if path.count > 1, path[1] == "si" {
            rich.ended(name)
        }
    }

    func text(_ bytes: Span<UInt8>) {
        rich.take(bytes)
    }
}

/// `RichText` for expat's events.
struct RichTextListener {
    private(set) var text: [UInt8] = []
    private var path: [String] = []
    private var start = 0
    private var keepsSpace = false

    /// More bytes than the longest text of a cell can have: what comes behind them only makes it longer.
    private static let enough = WorkbookLimits.cellCharacters * 8

    mutating func started(_ name: String, _ attributes: XMLAttributes) {
        path.append(name)
        start = text.count
        keepsSpace = attributes.keepsSpace
    }

    mutating func ended(_ name: String) {
        if isInText {
            if !keepsSpace { XMLText.trim(&text, from: start) }
            XMLText.unescape(&text, from: start)
        }
        path.removeLast()
    }

    mutating func take(_ bytes: Span<UInt8>) {
        if isInText, text.count < Self.enough { text.append(bytes) }
    }

    private var isInText: Bool {
        path == ["t"] || path == ["r", "t"]
    }
}
