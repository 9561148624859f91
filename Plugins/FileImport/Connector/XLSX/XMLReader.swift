internal import CExpat
internal import ConnectorKit

/// What listens to the elements of a part. Names come without their prefix.
protocol XMLListener: AnyObject {
    func started(_ name: String, _ attributes: XMLAttributes) throws(ConnectorFailure)
    func ended(_ name: String) throws(ConnectorFailure)
    /// A piece of the text between two tags, as UTF-8.
    func text(_ bytes: Span<UInt8>) throws(ConnectorFailure)
    /// Asked after each end tag: whether `XMLReader.advance` should come back here.
    var wantsPause: Bool { get }
}

extension XMLListener {
    func text(_ bytes: Span<UInt8>) throws(ConnectorFailure) {}
    var wantsPause: Bool { false }
}

/// The attributes of an element, valid while its listener is told of it.
@safe
struct XMLAttributes {
    // expat's array: names and values by turns, then nil.
    fileprivate let list: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?

    fileprivate init(_ list: UnsafeMutablePointer<UnsafePointer<XML_Char>?>?) {
        unsafe self.list = unsafe list
    }

    /// An attribute's value by its name without a prefix; with `prefixed` only one that has a prefix.
    func value(_ wanted: String, prefixed: Bool = false) -> String? {
        firstValue { full in
            let local = XMLReader.localName(full)
            return local == wanted && (!prefixed || local.utf8.count < full.utf8.count)
        }
    }

    /// Whether white space around the text counts. The prefix `xml` is bound to its meaning and no other prefix may be:
    /// https://www.w3.org/TR/xml-names/#ns-decl.
    var keepsSpace: Bool { firstValue { $0 == "xml:space" } == "preserve" }

    private func firstValue(where isWanted: (String) -> Bool) -> String? {
        guard let list = unsafe list else { return nil }
        var index = 0
        while let name = unsafe list[index], let value = unsafe list[index + 1] {
            if isWanted(unsafe String(cString: name)) { return unsafe String(cString: value) }
            index += 2
        }
        return nil
    }
}

/// Reads a part with expat: all of a small one, or the large ones where the scanner of this room gives up.
///
/// Any XML 1.0 in an encoding that expat knows by itself (UTF-8, UTF-16, ISO-8859-1, ASCII), but no document type.
@safe
final class XMLReader {
    private let part: ZipPart
    private let listener: any XMLListener
    private let context: OperationContext
    // Owned by this object alone, freed in deinit. Its user data is this object, which outlives it.
    private let parser: XML_Parser
    private var buffer: [UInt8]
    private var failure: ConnectorFailure?
    private var isPaused = false
    private(set) var hasEnded = false

    private static let bufferBytes = 64 * 1024

    init(_ part: ZipPart, _ listener: any XMLListener, _ context: OperationContext) throws(ConnectorFailure) {
        self.part = part
        self.listener = listener
        self.context = context
        buffer = [UInt8](repeating: 0, count: Self.bufferBytes)
        guard let parser = unsafe XML_ParserCreate(nil) else {
            throw ConnectorFailure(
                .internalError,
                code: "out_of_memory",
                message: "There is no memory left to read XML."
            )
        }
        unsafe self.parser = unsafe parser
        unsafe XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        unsafe XML_SetElementHandler(
            parser,
            { context, name, attributes in
                guard let name = unsafe name else { return }
                let reader = unsafe XMLReader.from(context)
                reader?.listen { listener throws(ConnectorFailure) in
                    unsafe try listener.started(XMLReader.localName(String(cString: name)), XMLAttributes(attributes))
                }
            },
            { context, name in
                guard let name = unsafe name, let reader = unsafe XMLReader.from(context) else { return }
                reader.listen { listener throws(ConnectorFailure) in
                    unsafe try listener.ended(XMLReader.localName(String(cString: name)))
                }
                if reader.failure == nil, reader.listener.wantsPause { unsafe XML_StopParser(reader.parser, 1) }
            }
        )
        unsafe XML_SetCharacterDataHandler(
            parser,
            { context, bytes, count in
                guard let bytes = unsafe bytes else { return }
                unsafe bytes.withMemoryRebound(to: UInt8.self, capacity: Int(count)) { bytes in
                    // expat's text lives until this returns.
                    let span = unsafe Span(_unsafeStart: bytes, count: Int(count))
                    unsafe XMLReader.from(context)?.listen { listener throws(ConnectorFailure) in
                        try listener.text(span)
                    }
                }
            }
        )
        unsafe XML_SetStartDoctypeDeclHandler(
            parser,
            { context, _, _, _, _ in
                unsafe XMLReader.from(context)?.refuseDocumentType()
            }
        )
    }

    deinit {
        unsafe XML_ParserFree(parser)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> XMLReader? {
        unsafe context.map { unsafe Unmanaged<XMLReader>.fromOpaque($0).takeUnretainedValue() }
    }

    static func localName(_ name: String) -> String {
        guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return name }
        return String(name[name.utf8.index(after: colon)...])
    }

    private func listen(_ body: (any XMLListener) throws(ConnectorFailure) -> Void) {
        guard failure == nil else { return }
        do throws(ConnectorFailure) {
            try body(listener)
        } catch {
            failure = error
            unsafe XML_StopParser(parser, 0)
        }
    }

    private func refuseDocumentType() {
        failure = failure ?? WorkbookFailure.documentType(part.archive.file.name, part.name)
        unsafe XML_StopParser(parser, 0)
    }

    /// Reads on until the listener wants to pause or the part ends.
    func advance() throws(ConnectorFailure) {
        while !hasEnded {
            if isPaused {
                try took(unsafe XML_ResumeParser(parser), isLast: part.hasEnded)
            } else {
                try feed()
            }
            if isPaused { return }
        }
    }

    private func feed() throws(ConnectorFailure) {
        try context.checkCancelled()
        var count = 0
        var failure: ConnectorFailure?
        unsafe buffer.withUnsafeMutableBytes { memory in
            do throws(ConnectorFailure) {
                count = unsafe try part.read(into: memory)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        let status = unsafe buffer.withUnsafeBufferPointer { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
                unsafe XML_Parse(parser, bytes.baseAddress, Int32(count), count == 0 ? 1 : 0)
            }
        }
        try took(status, isLast: count == 0)
    }

    private func took(_ status: XML_Status, isLast: Bool) throws(ConnectorFailure) {
        if let failure { throw failure }
        isPaused = status == XML_STATUS_SUSPENDED
        if isPaused { return }
        guard status == XML_STATUS_OK else { throw broken() }
        hasEnded = isLast
        // What expat holds back is one tag or text that goes on: it looks at it anew with each piece.
        let held = unsafe part.position - Int(XML_GetCurrentByteIndex(parser))
        guard hasEnded || held <= part.archive.limits.tokenBytes + Self.bufferBytes else {
            throw WorkbookFailure.partBroken(part.archive.file.name, part.name, "one of its tags is too long")
        }
    }

    private func broken() -> ConnectorFailure {
        let reason = unsafe XML_ErrorString(XML_GetErrorCode(parser)).map { unsafe String(cString: $0) } ?? "no XML"
        let line = unsafe XML_GetCurrentLineNumber(parser)
        let column = unsafe XML_GetCurrentColumnNumber(parser) + 1
        return WorkbookFailure.partBroken(
            part.archive.file.name,
            part.name,
            "\(reason) at line \(line), column \(column)"
        )
    }
}
