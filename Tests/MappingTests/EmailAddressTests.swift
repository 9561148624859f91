import Mapping
import Testing

@Suite struct EmailAddressTests {
    private func directoryForm(_ address: String) -> String {
        let bytes = Array(address.utf8)
        var form = Array("before ".utf8)
        EmailAddress.appendDirectoryForm(of: bytes.span, to: &form)
        return String(decoding: form.dropFirst(7), as: UTF8.self)
    }

    @Test(arguments: [
        ("Huda.AlHarbi@Example.COM", "huda.alharbi@example.com"),
        ("@[`{", "@[`{"),
        ("", ""),
        ("JOSÉ@example.com", "josé@example.com"),
        ("jose\u{301}@EXAMPLE.com", "jos\u{e9}@example.com"),
        ("JOSE\u{301}@example.com", "jos\u{e9}@example.com"),
        ("a@Bücher.example", "a@xn--bcher-kva.example"),
        ("a@BU\u{308}CHER.example", "a@xn--bcher-kva.example"),
        ("A@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("\"x@ü\"@Example.com", "\"x@ü\"@example.com"),
        ("a@مثال.إختبار", "a@xn--mgbh0fb.xn--kgbechtv"),
        ("İ@example.com", "i\u{307}@example.com"),
        ("É no address", "é no address"),
        ("É@-ü-.example", "é@-ü-.example"),
        ("É@", "é@"),
        ("É@a\u{0}b", "é@a\u{0}b"),
    ])
    func `the directory finds a person however the address is spelt`(address: String, form: String) {
        #expect(Array(directoryForm(address).unicodeScalars) == Array(form.unicodeScalars))
    }
}
