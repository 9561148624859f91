/// Languages' letters beyond ASCII, and the bytes that encodings have for them.
///
/// Source: the mapping tables at unicode.org/Public/MAPPINGS (VENDORS/MICSFT, VENDORS/APPLE, ISO8859); how often a letter
/// comes was counted in names of people and towns, and rounded.
enum LetterTables {
    /// What may stand inside of words besides: apostrophes, the dot of Catalan, ordinals.
    static let signs = "’20 ´10 ·4 ª4 º4"

    /// Each letter with how often it comes among a thousand beyond ASCII.
    static let western = [
        "é783 è95 ê39 ç30 ô16 î15 ë13 ï10 à15 â10 û6 œ3",  // French
        "ß200 ö280 ä250 ü260 é5",  // German
        "ó280 á217 í177 é156 ñ118 ú47 ü4",  // Spanish
        "ç240 ã191 á136 é133 í88 ú56 ó51 õ38 â29 ê15 ô15 à3",  // Portuguese
        "ò250 è269 à250 é74 ì60 ù60",  // Italian
        "ä464 ö359 å163 é14",  // Swedish
        "ø476 æ337 é20 å160",  // Danish and Norwegian
        "ä781 ö207 å10 é5",  // Finnish
        "é300 ë500 ï80 ö60 ü20 è30",  // Dutch
        "ð170 ó170 á140 í140 ö110 þ60 ú50 é50 æ60 ý30",  // Icelandic
        "õ287 ä285 ü264 ö60 š50 ž30",  // Estonian
    ]
    static let central = [
        "ł341 ó176 ś139 ż97 ę89 ą70 ń69 ź14 ć30",  // Polish
        "á274 í172 š91 ý79 č74 ř73 ž62 é60 ě58 ů15 ó12 ň11 ú11 ť5",  // Czech
        "á356 č100 í98 š96 ý86 é71 ž60 ľ40 ú35 ó18 ň17 ť7 ô7 ď6",  // Slovak
        "á328 é266 ó131 ő102 ö68 í39 ü30 ú25 ű11",  // Hungarian
        "ă387 ţ200 ş250 â60 î60",  // Romanian
        "č306 ć278 š268 ž118 đ40",  // Croatian
        "č394 š350 ž237 ć19",  // Slovene
    ]
    static let turkish = [
        "ü275 ı218 ç168 ş140 ö103 ğ84 â5"  // Turkish
    ]
    static let baltic = [
        "ė427 ž168 š157 ū132 č95 ą10 ę10 į10 ų10",  // Lithuanian
        "ņ200 ī208 š163 ā250 ē79 ū55 ģ21 ļ30 ķ30 ž30 č20",  // Latvian
        "õ287 ä285 ü264 ö60 š50 ž30",  // Estonian
    ]

    // Each letter with its byte, and that of its capital; -- where it has none, or none beyond ASCII.
    static let windows1252 = """
        ßDFDF àE0C0 áE1C1 âE2C2 ãE3C3 äE4C4 åE5C5 æE6C6 çE7C7 èE8C8 éE9C9 êEACA ëEBCB ìECCC íEDCD îEECE ïEFCF
        ðF0D0 ñF1D1 òF2D2 óF3D3 ôF4D4 õF5D5 öF6D6 øF8D8 ùF9D9 úFADA ûFBDB üFCDC ýFDDD þFEDE œ9C8C š9A8A ž9E8E
        ’9292 ´B4B4 ·B7B7 ªAAAA ºBABA
        """
    static let windows1250 = """
        áE1C1 âE2C2 éE9C9 íEDCD îEECE óF3D3 ôF4D4 öF6D6 úFADA üFCDC ýFDDD ăE3C3 ąB9A5 ćE6C6 čE8C8 ďEFCF đF0D0
        ęEACA ěECCC ľBEBC łB3A3 ńF1D1 ňF2D2 őF5D5 řF8D8 ś9C8C şBAAA š9A8A ţFEDE ť9D8D ůF9D9 űFBDB ź9F8F żBFAF
        ž9E8E
        """
    static let iso88592 = """
        áE1C1 âE2C2 éE9C9 íEDCD îEECE óF3D3 ôF4D4 öF6D6 úFADA üFCDC ýFDDD ăE3C3 ąB1A1 ćE6C6 čE8C8 ďEFCF đF0D0
        ęEACA ěECCC ľB5A5 łB3A3 ńF1D1 ňF2D2 őF5D5 řF8D8 śB6A6 şBAAA šB9A9 ţFEDE ťBBAB ůF9D9 űFBDB źBCAC żBFAF
        žBEAE
        """
    static let ibm852 = """
        áA0B5 â83B6 é8290 íA1D6 î8CD7 óA2E0 ô93E2 ö9499 úA3E9 ü819A ýECED ăC7C6 ąA5A4 ć868F č9FAC ďD4D2 đD0D1
        ęA9A8 ěD8B7 ľ9695 ł889D ńE4E3 ňE5D5 ő8B8A řFDFC ś9897 şADB8 šE7E6 ţEEDD ť9C9B ů85DE űFBEB źAB8D żBEBD
        žA7A6
        """
    static let macCentral = """
        á87E7 é8E83 í92EA ó97EE ô99EF ö9A85 ú9CF2 ü9F86 ýF9F8 ą8884 ć8D8C č8B89 ď9391 ęABA2 ě9E9D ľBCBB łB8FC
        ńC4C1 ňCBC5 őCECC řDEDB śE6E5 šE4E1 ťE9E8 ůF3F1 űF5F4 ź908F żFDFB žECEB
        """
    static let windows1254 = """
        âE2C2 çE7C7 öF6D6 üFCDC ğF0D0 ıFDDD şFEDE
        """
    static let ibm857 = """
        â83B6 ç8780 ö9499 ü819A ğA7A6 ı8D98 ş9F9E
        """
    static let macTurkish = """
        â89E5 ç8D82 ö9A85 ü9F86 ğDBDA ıDDDC şDFDE
        """
    static let windows1257 = """
        äE4C4 õF5D5 öF6D6 üFCDC āE2C2 ąE0C0 čE8C8 ēE7C7 ėEBCB ęE6C6 ģECCC īEECE įE1C1 ķEDCD ļEFCF ņF2D2 šF0D0
        ūFBDB ųF8D8 žFEDE
        """
    static let macintosh = """
        ßA7A7 à88CB á87E7 â89E5 ã8BCC ä8A80 å8C81 æBEAE ç8D82 è8FE9 é8E83 ê90E6 ë91E8 ì93ED í92EA î94EB ï95EC
        ñ9684 ò98F1 ó97EE ô99EF õ9BCD ö9A85 øBFAF ù9DF4 ú9CF2 û9EF3 ü9F86 œCFCE
        """
    static let ibm850 = """
        ßE1E1 à85B7 áA0B5 â83B6 ãC6C7 ä848E å868F æ9192 ç8780 è8AD4 é8290 ê88D2 ë89D3 ì8DDE íA1D6 î8CD7 ï8BD8
        ðD0D1 ñA4A5 ò95E3 óA2E0 ô93E2 õE4E5 ö9499 ø9B9D ù97EB úA3E9 û96EA ü819A ýECED þE7E8
        """

    /// Bytes that mean in Windows-1250, and the others below, what they mean in Windows-1252.
    static let sharedBy1250: Set<UInt8> = [
        0x8A, 0x8E, 0x92, 0x9A, 0x9E, 0xB4, 0xB7, 0xC1, 0xC2, 0xC4, 0xC7, 0xC9, 0xCB, 0xCD, 0xCE, 0xD3, 0xD4, 0xD6,
        0xDA,
        0xDC, 0xDD, 0xDF, 0xE1, 0xE2, 0xE4, 0xE7, 0xE9, 0xEB, 0xED, 0xEE, 0xF3, 0xF4, 0xF6, 0xFA, 0xFC, 0xFD,
    ]
    static let sharedBy88592: Set<UInt8> = sharedBy1250.subtracting([0x8A, 0x8E, 0x92, 0x9A, 0x9E, 0xB7])
    static let sharedBy1254: Set<UInt8> = Set(0x80...0xFF).subtracting([
        0x8E, 0x9E, 0xD0, 0xDD, 0xDE, 0xF0, 0xFD, 0xFE,
    ])
    static let sharedBy1257: Set<UInt8> = [
        0x92, 0xB4, 0xB7, 0xC4, 0xC5, 0xC9, 0xD3, 0xD5, 0xD6, 0xDC, 0xDF, 0xE4, 0xE5, 0xE9, 0xF3, 0xF5, 0xF6, 0xFC,
    ]
}
