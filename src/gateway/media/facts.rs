//! What a file says of itself: how large its picture is, how long it plays. Only its headers are
//! read, and nothing in them is believed further than that.

use std::io::{self, Read, Seek, SeekFrom};

/// The largest page of an Ogg file in bytes; the last of them is within so much of its end.
const OGG_PAGE: u64 = 65_307;
/// The most boxes of an MP4 file, or chunks of a WAV file, that are looked at.
const MOST_BOXES: usize = 1000;
/// Opus counts in this many samples per second, whatever it was recorded with.
const OPUS_RATE: u64 = 48_000;
/// The longest time that is believed, in milliseconds: a week.
const LONGEST: u64 = 7 * 24 * 3600 * 1000;

/// What is known of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Width and height in pixels.
    pub dimensions: Option<(u64, u64)>,
    /// How long it plays, in milliseconds.
    pub duration: Option<u64>,
    /// Whether it is speech as clients record it: Opus in Ogg, of one channel.
    pub is_speech: bool,
}

impl Facts {
    /// Reads them from a file of this type. Where it is damaged, they are not known.
    pub fn of(file: &mut (impl Read + Seek), mimetype: &str) -> Self {
        let read = match mimetype.split('/').next() {
            Some("image") => picture(file),
            Some("audio" | "video") => recording(file),
            _ => Ok(Self::default()),
        };
        let mut facts = read.unwrap_or_default();
        facts.duration = facts
            .duration
            .filter(|length| (1..LONGEST).contains(length));
        facts
    }
}

fn picture(file: &mut (impl Read + Seek)) -> io::Result<Facts> {
    file.rewind()?;
    let size = imagesize::reader_size(io::BufReader::new(file)).ok();
    Ok(Facts {
        dimensions: size.map(|size| (size.width as u64, size.height as u64)),
        ..Facts::default()
    })
}

fn recording(file: &mut (impl Read + Seek)) -> io::Result<Facts> {
    let start: [u8; 12] = at(file, 0)?;
    match start {
        [b'O', b'g', b'g', b'S', ..] => ogg(file),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E'] => wav(file),
        [b'f', b'L', b'a', b'C', ..] => flac(file),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => mp4(file),
        _ => mp3(file),
    }
}

/// The bytes at this place.
fn at<const COUNT: usize>(file: &mut (impl Read + Seek), place: u64) -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// So many units at this rate, in milliseconds.
fn milliseconds(count: u64, rate: u64) -> Option<u64> {
    count.checked_mul(1000)?.checked_div(rate)
}

/// RFC 3533, RFC 7845: the last page says how many samples came before its end.
fn ogg(file: &mut (impl Read + Seek)) -> io::Result<Facts> {
    let head: [u8; 27] = at(file, 0)?;
    let packet: [u8; 16] = at(file, 27 + u64::from(head[26]))?;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(OGG_PAGE)))?;
    let mut end = Vec::new();
    file.take(OGG_PAGE).read_to_end(&mut end)?;
    let is_last = |page: &&[u8]| page.starts_with(b"OggS") && page[14..18] == head[14..18];
    let page = end.windows(18).rev().find(is_last);
    let granule = page.map(|page| little(&page[6..14]));
    let (rate, skipped, is_speech) = if packet.starts_with(b"OpusHead") {
        (OPUS_RATE, little(&packet[10..12]), packet[9] == 1)
    } else if packet.starts_with(b"\x01vorbis") {
        (little(&packet[12..16]), 0, false)
    } else {
        return Ok(Facts::default());
    };
    let samples = granule.map(|granule| granule.saturating_sub(skipped));
    Ok(Facts {
        duration: samples.and_then(|samples| milliseconds(samples, rate)),
        is_speech,
        ..Facts::default()
    })
}

fn little(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |all, byte| all << 8 | u64::from(*byte))
}

fn big(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |all, byte| all << 8 | u64::from(*byte))
}

fn wav(file: &mut (impl Read + Seek)) -> io::Result<Facts> {
    let (mut place, mut rate) = (12, 0);
    for _ in 0..MOST_BOXES {
        let head: [u8; 8] = at(file, place)?;
        let size = little(&head[4..8]);
        match &head[..4] {
            b"fmt " => rate = little(&at::<4>(file, place + 16)?),
            b"data" => {
                let duration = milliseconds(size, rate);
                return Ok(Facts {
                    duration,
                    ..Facts::default()
                });
            }
            _ => {}
        }
        // Chunks begin at even places.
        place += 8 + size + size % 2;
    }
    Ok(Facts::default())
}

fn flac(file: &mut (impl Read + Seek)) -> io::Result<Facts> {
    // Sample rate of 20 bits, 3 of channels, 5 of bits per sample, 36 of samples.
    let fields = big(&at::<8>(file, 18)?);
    let (rate, samples) = (fields >> 44, fields & 0xf_ffff_ffff);
    Ok(Facts {
        duration: milliseconds(samples, rate),
        ..Facts::default()
    })
}

/// ISO/IEC 14496-12: the boxes `mvhd` and `tkhd` within `moov`.
fn mp4(file: &mut (impl Read + Seek)) -> io::Result<Facts> {
    let mut facts = Facts::default();
    let mut place = 0;
    for _ in 0..MOST_BOXES {
        let Ok(head) = at::<16>(file, place) else {
            break;
        };
        let (header, size) = match big(&head[..4]) {
            1 => (16, big(&head[8..16])),
            size => (8, size),
        };
        match &head[4..8] {
            // Into these, and past the others.
            b"moov" | b"trak" => {
                place += header;
                continue;
            }
            b"mvhd" => {
                let body: [u8; 32] = at(file, place + header)?;
                let (rate, length) = match body[0] {
                    0 => (big(&body[12..16]), big(&body[16..20])),
                    _ => (big(&body[20..24]), big(&body[24..32])),
                };
                facts.duration = milliseconds(length, rate);
            }
            b"tkhd" => {
                // At its end, as numbers with 16 bits behind the point.
                let ends = size.checked_sub(8).filter(|_| size >= 84);
                let Some(ends) = ends else { break };
                let body: [u8; 8] = at(file, place + ends)?;
                let (width, height) = (big(&body[..4]) >> 16, big(&body[4..]) >> 16);
                if width > 0 && height > 0 {
                    facts.dimensions = Some((width, height));
                }
            }
            _ => {}
        }
        // 0 is a box up to the end.
        match place.checked_add(size).filter(|_| size >= header) {
            Some(next) => place = next,
            None => break,
        }
    }
    Ok(facts)
}

/// MPEG-1 and MPEG-2, layer III: the frames that the encoder counted, or, where all are alike, the
/// size of the file.
fn mp3(file: &mut (impl Read + Seek)) -> io::Result<Facts> {
    const RATES: [u64; 3] = [44_100, 48_000, 32_000];
    const KILOBITS: [u64; 15] = [
        0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
    ];
    const KILOBITS_2: [u64; 15] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let tag: [u8; 10] = at(file, 0)?;
    let start = if tag.starts_with(b"ID3") {
        // Its size has seven bits in each byte.
        10 + tag[6..]
            .iter()
            .fold(0, |all, byte| all << 7 | u64::from(byte & 0x7f))
    } else {
        0
    };
    let length = file.seek(SeekFrom::End(0))?;
    let frame: [u8; 48] = at(file, start)?;
    let is_mpeg1 = frame[1] & 0x18 == 0x18;
    let rate = RATES.get(usize::from(frame[2] >> 2 & 3));
    let kilobits = if is_mpeg1 { KILOBITS } else { KILOBITS_2 };
    let kilobits = kilobits.get(usize::from(frame[2] >> 4)).copied();
    let (Some(rate), Some(kilobits @ 1..)) = (rate, kilobits) else {
        return Ok(Facts::default());
    };
    if frame[0] != 0xff || frame[1] & 0xe6 != 0xe2 {
        return Ok(Facts::default());
    }
    let is_mono = frame[3] >> 6 == 3;
    let behind = match (is_mpeg1, is_mono) {
        (true, false) => 36,
        (true, true) | (false, false) => 21,
        (false, true) => 13,
    };
    let counts =
        matches!(&frame[behind..behind + 4], b"Xing" | b"Info") && frame[behind + 7] & 1 == 1;
    let (samples, rate) = match frame[1] & 0x18 {
        0x18 => (1152, *rate),
        0x10 => (576, rate / 2),
        _ => (576, rate / 4),
    };
    let duration = if counts {
        milliseconds(big(&frame[behind + 8..behind + 12]) * samples, rate)
    } else {
        length
            .saturating_sub(start)
            .checked_mul(8)
            .map(|bits| bits / kilobits)
    };
    Ok(Facts {
        duration,
        ..Facts::default()
    })
}

#[cfg(test)]
mod tests;
