//! Headers as encoders write them, and damaged ones.

use std::io::Cursor;

use super::*;

fn of(bytes: &[u8], mimetype: &str) -> Facts {
    Facts::of(&mut Cursor::new(bytes), mimetype)
}

/// A page of an Ogg stream with one packet.
fn page(granule: u64, packet: &[u8]) -> Vec<u8> {
    let mut page = b"OggS\0\0".to_vec();
    page.extend(granule.to_le_bytes());
    page.extend(b"\x07\0\0\0");
    page.extend([0; 8]);
    page.push(1);
    page.push(u8::try_from(packet.len()).unwrap());
    page.extend(packet);
    page
}

fn opus(channels: u8, end: u64) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(channels);
    // Of the samples, 312 are there for the decoder only. What was recorded had another rate.
    head.extend(312_u16.to_le_bytes());
    head.extend(16_000_u32.to_le_bytes());
    head.extend([0; 3]);
    let mut file = page(0, &head);
    file.extend(page(48_000, &[0; 200]));
    file.extend(page(end, &[0; 200]));
    file
}

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes()[..], &kind, body].concat()
}

/// An MP4 file whose sound comes before its picture.
fn video() -> Vec<u8> {
    let mut header = vec![0; 100];
    header[12..16].copy_from_slice(&600_u32.to_be_bytes());
    header[16..20].copy_from_slice(&1500_u32.to_be_bytes());
    let track = |width: u32, height: u32| {
        let mut body = vec![0; 76];
        body.extend((width << 16).to_be_bytes());
        body.extend((height << 16).to_be_bytes());
        boxed(*b"trak", &boxed(*b"tkhd", &body))
    };
    let tracks = [track(0, 0), track(640, 360)].concat();
    let movie = [boxed(*b"mvhd", &header), tracks].concat();
    [
        boxed(*b"ftyp", b"isom\0\0\0\0"),
        boxed(*b"mdat", &[0; 333]),
        boxed(*b"moov", &movie),
    ]
    .concat()
}

fn wav() -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
    file.extend(16_u32.to_le_bytes());
    file.extend([1, 0, 1, 0]);
    file.extend(8000_u32.to_le_bytes());
    file.extend(16_000_u32.to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"LIST\x03\0\0\0abc\0data");
    file.extend(24_000_u32.to_le_bytes());
    file
}

fn flac() -> Vec<u8> {
    let mut file = b"fLaC\0\0\0\x22".to_vec();
    file.extend([0; 10]);
    file.extend(((44_100_u64 << 44) | (15 << 36) | 0x1_5888).to_be_bytes());
    file.extend([0; 16]);
    file
}

/// One of 128 kbit/s at 44.1 kHz, behind a tag; where it is counted, of 100 frames.
fn mp3(is_counted: bool) -> Vec<u8> {
    let mut file = b"ID3\x04\0\0\0\0\0\x05hello\xff\xfb\x90\x00".to_vec();
    file.resize(15 + 16_000, 0);
    if is_counted {
        file[15 + 36..15 + 48].copy_from_slice(b"Xing\0\0\0\x01\0\0\0\x64");
    }
    file
}

#[test]
fn recordings_say_how_long_they_are() {
    for (name, bytes, mimetype, expected) in [
        ("opus", opus(1, 48_000 * 2 + 312), "audio/ogg", 2000),
        ("wav", wav(), "audio/x-wav", 1500),
        ("flac", flac(), "audio/flac", 2000),
        ("video", video(), "video/mp4", 2500),
        ("mp3", mp3(false), "audio/mpeg", 1000),
        ("mp3 with a count", mp3(true), "audio/mpeg", 2612),
    ] {
        let facts = of(&bytes, mimetype);
        assert_eq!(facts.duration, Some(expected), "{name}");
        assert_eq!(facts.is_speech, name == "opus");
        let shape = (name == "video").then_some((640, 360));
        assert_eq!(facts.dimensions, shape, "{name}");
    }
    assert!(!of(&opus(2, 48_000), "audio/ogg").is_speech);
}

#[test]
fn what_is_damaged_says_nothing() {
    let mut endless = boxed(*b"ftyp", b"isom\0\0\0\0");
    endless.extend(boxed(*b"moov", b"")[..4].to_vec());
    for (bytes, mimetype) in [
        (Vec::new(), "audio/ogg"),
        (b"OggS".to_vec(), "audio/ogg"),
        (
            page(u64::MAX, b"OpusHead\x01\x01\0\0\0\0\0\0\0\0"),
            "audio/ogg",
        ),
        (wav()[..30].to_vec(), "audio/wav"),
        (
            b"no music at all, only words that somebody wrote down".to_vec(),
            "audio/mpeg",
        ),
        (endless, "video/mp4"),
        (b"no picture".to_vec(), "image/png"),
        (opus(1, 48_000), "text/plain"),
    ] {
        assert_eq!(of(&bytes, mimetype).duration, None, "{mimetype} {bytes:?}");
    }
}

#[test]
fn any_bytes_are_read() {
    let starts = [opus(1, 9999), wav(), flac(), video(), mp3(true)];
    arbtest::arbtest(|u| {
        let mut bytes = u.choose(&starts)?.clone();
        for _ in 0..u.int_in_range(0..=8)? {
            let place = u.choose_index(bytes.len().min(400))?;
            bytes[place] = u.arbitrary()?;
        }
        let length = u.int_in_range(0..=bytes.len())?;
        for bytes in [&bytes[..], &bytes[..length]] {
            of(bytes, "video/mp4");
            of(bytes, "image/png");
        }
        Ok(())
    });
}
